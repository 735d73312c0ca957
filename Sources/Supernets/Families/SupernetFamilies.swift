internal import SearchSpaces

/// The networks of the families: a new one is a line here.
enum SupernetFamilies {
    /// The network of a space, or of one of its genomes alone; nil where networks live elsewhere.
    static func supernet(of space: SearchSpace, only genome: Genome?) -> (any Supernet)? {
        switch space.family {
        case let family as ViTFamily: ViTSupernet(family, space: space, only: genome)
        case let family as MLPFamily: MLPSupernet(family, space: space, only: genome)
        // Images are not resized within a network yet.
        case let family as CNNFamily where family.resolution.isEmpty: CNNSupernet(family, space: space, only: genome)
        default: nil
        }
    }
}
