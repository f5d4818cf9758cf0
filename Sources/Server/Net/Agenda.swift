/// Which connection is to be looked at next: a heap of times, the earliest on top.
///
/// Most deadlines move on before they come, so an entry says only when to look: a connection has one that is not later
/// than its deadline, and gets the next when it was looked at. Nothing is searched, however many connections there are.
struct Agenda {
    private struct Entry {
        var due: Double
        var id: UInt64
    }

    private var heap: [Entry] = []

    mutating func add(_ id: UInt64, due: Double) {
        heap.append(Entry(due: due, id: id))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].due < heap[parent].due else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes the earliest entry if its time has come.
    mutating func takeDue(at now: Double) -> (id: UInt64, due: Double)? {
        guard let first = heap.first, first.due <= now else { return nil }
        let last = heap.removeLast()
        guard !heap.isEmpty else { return (first.id, first.due) }
        heap[0] = last
        sink()
        return (first.id, first.due)
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < heap.count else { return }
            if child + 1 < heap.count, heap[child + 1].due < heap[child].due { child += 1 }
            guard heap[child].due < heap[parent].due else { return }
            heap.swapAt(child, parent)
            parent = child
        }
    }
}
