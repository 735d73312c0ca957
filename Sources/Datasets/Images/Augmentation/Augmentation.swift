internal import Tensors

/// Random changes of training images: each a function of (seed, step, place in the batch) alone.
public struct Augmentation: Sendable, Equatable {
    /// No change at all.
    public static let none = Augmentation(uncheckedShift: 0, flip: false)

    /// The most pixels an image moves in each direction, 0...64: a crop of the image with so wide a border of pixel value 0.
    public let shift: Int
    /// Whether half of the images are mirrored left to right.
    public let flip: Bool
    /// By how much colours change.
    public let colour: ColourJitter
    /// The share of the images that lose a rectangle, 0...1.
    public let erasing: Float
    /// The parameter of the beta distribution by which images are blended, 0...1; 0 for never.
    public let mixup: Double
    /// That of the area that images take from one another, 0...1; 0 for never.
    public let cutmix: Double

    /// Checks and takes the settings.
    public init(
        shift: Int, flip: Bool, colour: ColourJitter = .none, erasing: Float = 0, mixup: Double = 0, cutmix: Double = 0
    ) throws {
        guard (0...64).contains(shift) else {
            throw DatasetError.invalidSetting(name: "augmentation shift", value: "\(shift)", allowed: "0...64")
        }
        for (name, value) in [
            ("brightness", Double(colour.brightness)), ("contrast", Double(colour.contrast)),
            ("saturation", Double(colour.saturation)), ("erasing", Double(erasing)), ("mixup", mixup),
            ("cutmix", cutmix),
        ] where !(0...1).contains(value) {
            throw DatasetError.invalidSetting(name: "augmentation \(name)", value: "\(value)", allowed: "0...1")
        }
        self.init(
            uncheckedShift: shift, flip: flip, colour: colour, erasing: erasing, mixup: mixup, cutmix: cutmix)
    }

    private init(
        uncheckedShift shift: Int, flip: Bool, colour: ColourJitter = .none, erasing: Float = 0, mixup: Double = 0,
        cutmix: Double = 0
    ) {
        self.shift = shift
        self.flip = flip
        self.colour = colour
        self.erasing = erasing
        self.mixup = mixup
        self.cutmix = cutmix
    }

    /// Which block of random numbers of an image decides what; attempts at rectangles take those from `erasing` on.
    enum Lane {
        static let move: UInt32 = 0
        static let colour: UInt32 = 1
        static let erasing: UInt32 = 2
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
        let words = random.block(step: step, index: UInt32(truncatingIfNeeded: index), lane: Lane.move)
        let range = UInt64(2 * shift + 1)
        return Move(
            down: Int((UInt64(words.x) * range) >> 32) - shift,
            right: Int((UInt64(words.y) * range) >> 32) - shift,
            flipped: flip && words.z >> 31 == 1)
    }
}

extension UInt32 {
    /// The word as a float in [0, 1), of its upper 24 bits.
    var unit: Float { Float(self >> 8) * 0x1p-24 }

    /// The word as a whole number in 0..<count.
    func below(_ count: Int) -> Int { Int((UInt64(self) * UInt64(count)) >> 32) }
}
