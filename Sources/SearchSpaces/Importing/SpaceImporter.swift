public import Documents

/// How another project writes down a space and its architectures; a family has one for each project whose spaces are its.
package protocol SpaceImporter: Sendable {
    /// What it reads, such as `a name of once-for-all, such as …`.
    static var reads: String { get }

    /// Reads a name.
    ///
    /// - Returns: Nil for a name that is not the project's.
    /// - Throws: `SearchSpaceError.unknownSource` for one that is, and cannot be read.
    init?(name: String) throws(SearchSpaceError)
    /// Reads a file, whose faults are reported; nil for one that is not the project's.
    init?(_ root: SectionReader)

    /// The keys of a space file beside version, kind and name, as YAML.
    var yaml: String { get }
    /// What the source has and the space has not, and the other way round.
    var remarks: [String] { get }
    /// Values by the names of decisions, for each architecture that the source itself names.
    var architectures: [[String: [String]]] { get }

    /// Reads an architecture as the project writes it, as values by the names of decisions: those of all decisions of the name, or
    /// of those that count.
    func architecture(_ section: SectionReader) -> [String: [String]]
}

extension SpaceImporter {
    package init?(name: String) throws(SearchSpaceError) { return nil }
    package init?(_ root: SectionReader) { return nil }
    package var architectures: [[String: [String]]] { [] }
}

/// A space of another project as one of ours.
public struct ImportedSpace: Sendable {
    /// The space.
    public let space: SearchSpace
    /// Its file.
    public let yaml: String
    private let importer: any SpaceImporter

    /// What about it is not as in its source.
    public var remarks: [String] { importer.remarks }

    private init(_ importer: any SpaceImporter, name: String) throws(DocumentError) {
        self.importer = importer
        yaml = "apiVersion: nasd/v1\nkind: SearchSpace\nname: \(ResolvedEntries.quoted(name))\n\(importer.yaml)"
        space = try SearchSpace.parse(yaml: yaml, file: "the converted space")
    }

    private static var importers: [any SpaceImporter.Type] { ArchitectureFamilies.all.flatMap { $0.importers } }

    /// Reads the name of a space of another project.
    ///
    /// - Parameter own: What to call the space; nil for as near to its name as may be.
    /// - Throws: `SearchSpaceError.unknownSource`, and `DocumentError` where it has options that no space of ours has.
    public init(name: String, as own: String?) throws {
        for type in Self.importers {
            guard let importer = try type.init(name: name) else { continue }
            try self.init(importer, name: own ?? PlainName.nearest(to: name) ?? "imported")
            return
        }
        throw SearchSpaceError.unknownSource(name: name, reason: "expected \(Self.expectation)")
    }

    /// Reads a space file of another project.
    ///
    /// - Throws: `DocumentError` with every fault of it, or of the space that it comes to.
    public init(yaml: String, file: String, as own: String) throws(DocumentError) {
        let collector = FaultCollector()
        let node = YAMLNode.parse(yaml, into: collector)
        try collector.finish(file: file)
        let root = SectionReader(node, path: "", at: .start, collector: collector)
        try collector.finish(file: file)
        for type in Self.importers {
            guard let importer = type.init(root) else { continue }
            try collector.finish(file: file)
            try self.init(importer, name: own)
            return
        }
        collector.report("expected \(Self.expectation)", at: .start, path: "")
        try collector.finish(file: file)
        throw .unreadableFile(file: file, reason: "expected \(Self.expectation)")
    }

    private static var expectation: String { importers.map { $0.reads }.joined(separator: ", or ") }

    /// The architectures that the source itself names.
    ///
    /// - Throws: `SearchSpaceError.invalidGenome` for one that is none of the space.
    public func genomes() throws(SearchSpaceError) -> [Genome] {
        var genomes: [Genome] = []
        for values in importer.architectures { genomes.append(try genome(values)) }
        return genomes
    }

    /// Reads architectures as the project writes them: one, or a list of them, as YAML or JSON.
    ///
    /// - Throws: `DocumentError` with every fault.
    public func genomes(yaml: String, file: String) throws(DocumentError) -> [Genome] {
        let collector = FaultCollector()
        let node = YAMLNode.parse(yaml, into: collector)
        try collector.finish(file: file)
        guard let node else { return [] }
        var items = [(path: "", node: node)]
        if case .sequence(let list) = node.content { items = list.enumerated().map { ("[\($0.offset)]", $0.element) } }
        var genomes: [Genome] = []
        for (path, item) in items {
            let faultsBefore = collector.count
            let section = SectionReader(item, path: path, at: item.position, collector: collector)
            let values = importer.architecture(section)
            section.finish()
            guard collector.count == faultsBefore else { continue }
            do throws(SearchSpaceError) {
                genomes.append(try genome(values))
            } catch {
                collector.report("\(error)", at: item.position, path: path)
            }
        }
        try collector.finish(file: file)
        return genomes
    }

    private func genome(_ values: [String: [String]]) throws(SearchSpaceError) -> Genome {
        try space.genome { values[$0]?.joined(separator: ";") }
    }
}
