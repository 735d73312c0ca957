internal import SearchSpaces

/// The networks of the families: a new one is a line here.
enum SupernetFamilies {
    /// The network of a space, or of one of its genomes alone; nil where networks live elsewhere, or need what is missing.
    static func supernet(of space: SearchSpace, only genome: Genome?) -> (any Supernet)? {
        switch space.family {
        case let family as ViTFamily: ViTSupernet(family, space: space, only: genome)
        case let family as MLPFamily: MLPSupernet(family, space: space, only: genome)
        case let family as CNNFamily where CNNSupport.missing(in: family).isEmpty:
            CNNSupernet(family, space: space, only: genome)
        default: nil
        }
    }

    /// What networks of a space need and no code computes yet, in the words of space files.
    static func missing(in space: SearchSpace) -> [String] {
        switch space.family {
        case let family as CNNFamily: CNNSupport.missing(in: family)
        default: []
        }
    }

    /// What networks of a space have and no code computes under masks yet, in the words of space files.
    static func unmasked(in space: SearchSpace) -> [String] {
        switch space.family {
        case let family as CNNFamily: CNNSupport.unmasked(in: family)
        default: []
        }
    }
}
