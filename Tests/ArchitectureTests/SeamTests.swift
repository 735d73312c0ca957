import Foundation
import TestSupport
import Testing

/// The house is open: a family, a task, a sampler, a search algorithm or an evaluator is named in its own room, in the
/// registries of its kind, and in the tools that were made for it, and nowhere else.
@Suite struct SeamTests {
    struct Seam: Sendable {
        let name: String
        /// Folders in which every entry is the room of one tenant, but for the registries.
        let folders: [String]
        /// Files that list the tenants, or that all of them share.
        let registries: [String]
        /// What was made for single tenants.
        var tools: [String] = []
    }

    static let seams = [
        Seam(
            name: "family", folders: ["SearchSpaces/Families", "Supernets/Families"],
            registries: ["ArchitectureFamily.swift", "ChoiceReading.swift", "SupernetFamilies.swift"],
            tools: ["Coordinator/Benchmark/"]),
        Seam(
            name: "task", folders: ["Runs/Tasks", "Training/Tasks"],
            registries: ["TaskKind.swift", "LearningTask.swift"],
            tools: ["Coordinator/Benchmark/"]),
        Seam(
            name: "sampler", folders: ["Runs/Samplers", "Training/Samplers"],
            registries: ["SamplerSettings.swift", "SubnetSampler.swift", "HeldOutProbe.swift"],
            tools: ["Coordinator/Benchmark/", "nasd/Bench.swift"]),
        Seam(
            name: "algorithm", folders: ["Runs/Algorithms", "Search/Algorithms"],
            registries: [
                "SearchAlgorithm.swift", "SearchAlgorithm+Known.swift", "VariationSettings.swift",
                "StrategyRegistry.swift",
            ]),
        Seam(
            name: "evaluator", folders: ["Runs/Evaluators", "Coordinator/Evaluators"],
            registries: [
                "EvaluatorSettings.swift", "CandidateEvaluator.swift", "SlottedEvaluator.swift", "UsableEvaluator.swift",
            ],
            tools: ["Coordinator/Run/Models/TrainedSupernet.swift", "Coordinator/Run/Models/LoneSubnet.swift"]),
    ]

    /// The tenant that a room belongs to: what its name has beside the kind of room.
    static func tenant(_ entry: String) -> String {
        ["Settings", "Sampler", "Evaluator", "Strategy", "Search"].reduce(
            entry.replacing(".swift", with: "")
        ) { $0.hasSuffix($1) ? String($0.dropLast($1.count)) : $0 }
    }

    /// The types and the values by which a source offers its tenant.
    static func declared(in text: String) -> Set<String> {
        let types = text.matches(of: /(?m)^(?:public |package )?(?:final )?(?:struct|class|enum|protocol) (\w+)/)
        let values = text.matches(of: /(?m)^    public static let (\w+) = \w+Kind\(/)
        return Set(types.map { String($0.1) } + values.map { "." + $0.1 })
    }

    /// The names that a source uses; a value counts where its name stands behind a dot.
    static func used(_ names: Set<String>, in text: String) -> [String] {
        let code = text.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("//") }.joined(separator: "\n")
        return names.filter { name in
            code.ranges(of: name).contains { range in
                let before = range.lowerBound > code.startIndex ? code[code.index(before: range.lowerBound)] : " "
                let after = range.upperBound < code.endIndex ? code[range.upperBound] : " "
                let isPart = { (sign: Character) in sign.isLetter || sign.isNumber || sign == "_" }
                return !isPart(after) && (name.hasPrefix(".") ? !isPart(before) : !isPart(before))
            }
        }.sorted()
    }

    @Test(arguments: seams.map(\.name)) func tenantsAreNamedInTheirRooms(name: String) throws {
        let seam = try #require(Self.seams.first { $0.name == name })
        let sources = Repository.root.appending(path: "Sources")
        let all = try #require(FileManager.default.enumerator(atPath: sources.path)).compactMap { $0 as? String }
            .filter { $0.hasSuffix(".swift") }
        var texts: [String: String] = [:]
        for path in all { texts[path] = try String(contentsOf: sources.appending(path: path), encoding: .utf8) }
        // Which tenant's room a file lies in.
        var rooms: [String: String] = [:]
        for path in all {
            for folder in seam.folders where path.hasPrefix(folder + "/") {
                let entry = String(path.dropFirst(folder.count + 1).prefix { $0 != "/" })
                if !seam.registries.contains(entry) { rooms[path] = Self.tenant(entry) }
            }
        }
        #expect(Set(rooms.values).count >= 2, "a seam has two tenants at least")
        for tenant in Set(rooms.values).sorted() {
            let own = rooms.filter { $0.value == tenant }.keys
            let names = own.reduce(into: Set<String>()) { $0.formUnion(Self.declared(in: texts[$1] ?? "")) }
            #expect(!names.isEmpty, "\(tenant) declares nothing")
            for (path, text) in texts where !own.contains(path) {
                if seam.registries.contains(where: { path.hasSuffix("/" + $0) }) { continue }
                if seam.tools.contains(where: { path.hasPrefix($0) }) { continue }
                let found = Self.used(names, in: text)
                #expect(found.isEmpty, "\(path) names the \(name) \(tenant): \(found.joined(separator: ", "))")
            }
        }
    }

    /// The check itself must be able to fail.
    @Test func aNamedTenantIsSeen() {
        let room =
            "public struct BleuTask: LearningTask {}\n    public static let translation = TaskKind(name: \"t\")\n"
        let names = Self.declared(in: room)
        #expect(names == ["BleuTask", ".translation"])
        #expect(Self.used(names, in: "let a = BleuTask()\nb == .translation\n") == [".translation", "BleuTask"])
        #expect(Self.used(names, in: "// BleuTask\nBleuTasks.x(.translations)\n").isEmpty)
        #expect(Self.tenant("ShiftSettings.swift") == "Shift" && Self.tenant("UniformSampler.swift") == "Uniform")
        #expect(Self.tenant("SupernetEvaluatorSettings.swift") == "Supernet" && Self.tenant("Supernet") == "Supernet")
    }
}
