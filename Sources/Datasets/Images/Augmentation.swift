internal import Tensors

/// Random shifts and flips of training images.
public struct Augmentation: Sendable, Equatable {
    /// No change at all.
    public static let none = Augmentation(uncheckedShift: 0, flip: false)

    /// The most pixels an image moves in each direction, 0...64; what moves in counts as pixel value 0.
    public let shift: Int
    /// Whether half of the images are mirrored left to right.
    public let flip: Bool

    /// Checks and takes the settings.
    public init(shift: Int, flip: Bool) throws {
        guard (0...64).contains(shift) else {
            throw DatasetError.invalidSetting(name: "augmentation shift", value: "\(shift)", allowed: "0...64")
        }
        self.init(uncheckedShift: shift, flip: flip)
    }

    private init(uncheckedShift shift: Int, flip: Bool) {
        self.shift = shift
        self.flip = flip
    }

    /// What happens to one image.
    struct Move: Equatable {
        /// Pixels downwards.
        var down = 0
        /// Pixels to the right.
        var right = 0
        /// Mirrored before it is moved.
        var flipped = false
    }

    /// The move of one place in the batch of one step; a function of its arguments alone.
    func move(_ random: CounterRandom, step: UInt64, index: Int) -> Move {
        guard shift > 0 || flip else { return Move() }
        let words = random.block(step: step, index: UInt32(truncatingIfNeeded: index))
        let range = UInt64(2 * shift + 1)
        return Move(
            down: Int((UInt64(words.x) * range) >> 32) - shift,
            right: Int((UInt64(words.y) * range) >> 32) - shift,
            flipped: flip && words.z >> 31 == 1)
    }
}
