/// Memory for the gradients of one backward pass, handed out and taken back as the pass goes.
///
/// A gradient lives from its first write until the op that made its variable has read it, so a whole network needs only
/// a few matrices, which stay in the cache. Two variables may share one matrix (the two sides of a residual sum); whoever
/// then changes it takes a copy first.
struct GradientPool {
    private struct Slot {
        let base: UnsafeMutablePointer<Float>
        let capacity: Int
        var references: Int
    }

    private let arena: Arena
    private var slots: ContiguousArray<Slot> = []

    init(arena: Arena) {
        self.arena = arena
        slots.reserveCapacity(64)
    }

    /// Forgets every slot; the arena has taken its memory back.
    mutating func reset() { slots.removeAll(keepingCapacity: true) }

    /// A slot for so many floats: the smallest free one that is large enough, or a new one.
    mutating func take(floats: Int) -> Int {
        var best = -1
        for index in slots.indices where slots[index].references == 0 && slots[index].capacity >= floats {
            if best < 0 || slots[index].capacity < slots[best].capacity { best = index }
        }
        if best < 0 {
            best = slots.count
            slots.append(Slot(base: arena.matrix(rows: 1, columns: floats).base, capacity: floats, references: 0))
        }
        slots[best].references = 1
        return best
    }

    mutating func retain(_ slot: Int) { slots[slot].references += 1 }

    mutating func release(_ slot: Int) {
        precondition(slots[slot].references > 0, "a gradient is given back as often as it was taken")
        slots[slot].references -= 1
    }

    func isShared(_ slot: Int) -> Bool { slots[slot].references > 1 }

    func base(_ slot: Int) -> UnsafeMutablePointer<Float> { slots[slot].base }
}
