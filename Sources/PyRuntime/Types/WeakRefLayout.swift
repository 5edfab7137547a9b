/// `weakref.ref` and the proxies. The collector does not trace `referent`; it sets it to null when the referent dies and queues
/// the reference when it has a callback. All live ones with a referent are listed in `Heap.weakReferences`.
struct WeakRefLayout {
  var header: CellHeader
  var referent: Value
  /// null without one
  var callback: Value
  /// Hash of the referent once computed, else -1
  var hash: Int
  /// The next reference to the same object, in `WeakTable`'s chain; not traced, because the chain is made anew after a collection
  var next: UnsafeMutablePointer<WeakRefLayout>?
  /// Made by the runtime for its own lists: Python does not see it
  var isInternal: Bool
}
