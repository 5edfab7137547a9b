#include "CRuntimeSupport.h"

#define UNCHECKED __attribute__((no_sanitize("address"), noinline))

UNCHECKED static const uintptr_t *find_word(const uintptr_t *p, const uintptr_t *end, uintptr_t base, uintptr_t size) {
  while (p < end && *p - base >= size) p++;
  return p;
}

#if defined(__x86_64__)
#include <immintrin.h>

// Sixteen words at a time; nearly all of them are no address within the range. There is no unsigned comparison: both sides lose 2^63.
__attribute__((target("avx2"))) UNCHECKED static const uintptr_t *find_word_avx2(const uintptr_t *p, const uintptr_t *end, uintptr_t base, uintptr_t size) {
  const uintptr_t half = (uintptr_t)1 << 63;
  const __m256i least = _mm256_set1_epi64x((long long)(base + half)), most = _mm256_set1_epi64x((long long)(size - half));
  while (end - p >= 16) {
    __m256i a = _mm256_cmpgt_epi64(most, _mm256_sub_epi64(_mm256_loadu_si256((const __m256i *)p), least));
    __m256i b = _mm256_cmpgt_epi64(most, _mm256_sub_epi64(_mm256_loadu_si256((const __m256i *)(p + 4)), least));
    __m256i c = _mm256_cmpgt_epi64(most, _mm256_sub_epi64(_mm256_loadu_si256((const __m256i *)(p + 8)), least));
    __m256i d = _mm256_cmpgt_epi64(most, _mm256_sub_epi64(_mm256_loadu_si256((const __m256i *)(p + 12)), least));
    __m256i any = _mm256_or_si256(_mm256_or_si256(a, b), _mm256_or_si256(c, d));
    if (!_mm256_testz_si256(any, any)) return find_word(p, end, base, size);
    p += 16;
  }
  return find_word(p, end, base, size);
}
#endif

UNCHECKED const void *amphis_find_word(const void *low, const void *high, uintptr_t base, uintptr_t size, uintptr_t *word) {
  const uintptr_t *p = low, *end = high;
#if defined(__x86_64__)
  p = __builtin_cpu_supports("avx2") ? find_word_avx2(p, end, base, size) : find_word(p, end, base, size);
#else
  p = find_word(p, end, base, size);
#endif
  if (p < end) *word = *p;
  return p;
}
