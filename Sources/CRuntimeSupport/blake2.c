#include <string.h>

#include "CRuntimeSupport.h"

// The compression functions of BLAKE2b and BLAKE2s: RFC 7693, section 3. Both mix sixteen words with sixteen of the message, in this order:

static const uint8_t order[10][16] = {
  {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
  {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
  {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
  {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
  {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

static const uint64_t start_of_2b[8] = {
  0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
  0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};
static const uint32_t start_of_2s[8] = {
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

const uint64_t *amphis_start_of_blake2b(void) { return start_of_2b; }
const uint32_t *amphis_start_of_blake2s(void) { return start_of_2s; }

#define ROTATED(x, n) ((x) >> (n) | (x) << (8 * sizeof(x) - (n)))
#define MIX(a, b, c, d, x, y, R1, R2, R3, R4) \
  do {                                        \
    a += b + (x), d = ROTATED(d ^ a, R1);     \
    c += d, b = ROTATED(b ^ c, R2);           \
    a += b + (y), d = ROTATED(d ^ a, R3);     \
    c += d, b = ROTATED(b ^ c, R4);           \
  } while (0)

// The message's words are little-endian, as those of all processors that this runs on.
#define COMPRESS(Word, start, ROUNDS, R1, R2, R3, R4)                                                       \
  Word m[16], v[16];                                                                                        \
  memcpy(m, block, sizeof m);                                                                               \
  memcpy(v, h, sizeof(Word) * 8);                                                                           \
  memcpy(v + 8, start, sizeof(Word) * 8);                                                                   \
  v[12] ^= count[0], v[13] ^= count[1], v[14] ^= last[0], v[15] ^= last[1];                                 \
  for (int i = 0; i < ROUNDS; i++) {                                                                        \
    const uint8_t *s = order[i % 10];                                                                       \
    MIX(v[0], v[4], v[8], v[12], m[s[0]], m[s[1]], R1, R2, R3, R4);                                         \
    MIX(v[1], v[5], v[9], v[13], m[s[2]], m[s[3]], R1, R2, R3, R4);                                         \
    MIX(v[2], v[6], v[10], v[14], m[s[4]], m[s[5]], R1, R2, R3, R4);                                        \
    MIX(v[3], v[7], v[11], v[15], m[s[6]], m[s[7]], R1, R2, R3, R4);                                        \
    MIX(v[0], v[5], v[10], v[15], m[s[8]], m[s[9]], R1, R2, R3, R4);                                        \
    MIX(v[1], v[6], v[11], v[12], m[s[10]], m[s[11]], R1, R2, R3, R4);                                      \
    MIX(v[2], v[7], v[8], v[13], m[s[12]], m[s[13]], R1, R2, R3, R4);                                       \
    MIX(v[3], v[4], v[9], v[14], m[s[14]], m[s[15]], R1, R2, R3, R4);                                       \
  }                                                                                                         \
  for (int i = 0; i < 8; i++) h[i] ^= v[i] ^ v[i + 8]

void amphis_blake2b_compress(uint64_t *h, const uint8_t *block, const uint64_t *count, const uint64_t *last) {
  COMPRESS(uint64_t, start_of_2b, 12, 32, 24, 16, 63);
}

void amphis_blake2s_compress(uint32_t *h, const uint8_t *block, const uint32_t *count, const uint32_t *last) {
  COMPRESS(uint32_t, start_of_2s, 10, 16, 12, 8, 7);
}
