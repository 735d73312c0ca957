/// Memory for the gradients of one backward pass, handed out and taken back as the pass goes.
///
/// A gradient lives from its first write until the op that made its variable has read it, so a whole network needs only
/// a few matrices, which stay in the cache. Two variables may share one matrix (the two sides of a residual sum); whoever
/// then changes it takes a copy first. Every slot is as large as the largest gradient of the pass.
struct GradientPool {
    private struct Slot {
        let memory: MatrixView
        var references: Int
    }

    private let arena: Arena
    private var slots: ContiguousArray<Slot> = []
    private var free: ContiguousArray<Int> = []
    private var slotFloats = 0

    init(arena: Arena) {
        self.arena = arena
        slots.reserveCapacity(32)
        free.reserveCapacity(32)
    }

    /// Forgets every slot; the arena has taken its memory back.
    mutating func reset() {
        slots.removeAll(keepingCapacity: true)
        free.removeAll(keepingCapacity: true)
        slotFloats = 0
    }

    /// Says how large a gradient may be; before the first is taken.
    mutating func admit(floats: Int) {
        precondition(slots.isEmpty || floats <= slotFloats, "sizes are known before the backward pass")
        slotFloats = max(slotFloats, floats)
    }

    /// A slot: the one given back last, which is most likely in the cache, or a new one.
    mutating func take() -> Int {
        guard let slot = free.popLast() else {
            slots.append(Slot(memory: arena.matrix(rows: 1, columns: slotFloats), references: 1))
            return slots.count - 1
        }
        slots[slot].references = 1
        return slot
    }

    mutating func retain(_ slot: Int) { slots[slot].references += 1 }

    mutating func release(_ slot: Int) {
        precondition(slots[slot].references > 0, "a gradient is given back as often as it was taken")
        slots[slot].references -= 1
        if slots[slot].references == 0 { free.append(slot) }
    }

    func isShared(_ slot: Int) -> Bool { slots[slot].references > 1 }

    /// The front of a slot as a matrix.
    func view(_ slot: Int, rows: Int, columns: Int) -> MatrixView {
        MatrixView(base: slots[slot].memory.base, rows: rows, columns: columns)
    }
}
