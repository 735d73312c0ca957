import Foundation
import TestSupport
import Testing

/// Imports go one way: the table below is the one of Documentation/architecture.md, and both the manifest and the
/// import lines of every source file are held against it.
@Suite struct LayerTests {
    /// What a target may import itself; what those may import in turn is allowed too.
    static let table: [String: Set<String>] = [
        "COpenBLAS": [],
        "CZlib": [],
        "CImageCodecs": [],
        "CCurl": [],
        "COpenSSL": [],
        "CSystemCalls": [],
        "CKernels": [],
        "Tensors": ["COpenBLAS", "CKernels"],
        "Documents": ["Yams"],
        "SearchSpaces": ["Documents"],
        "Runs": ["SearchSpaces"],
        "Datasets": ["Tensors", "CZlib", "CImageCodecs", "CSystemCalls"],
        "Supernets": ["Tensors", "SearchSpaces"],
        "Training": ["Supernets", "Datasets", "Runs", "CSystemCalls", "Logging"],
        "Exporters": ["Supernets", "SwiftProtobuf"],
        "Search": ["Runs", "Tensors"],
        "Store": ["Runs", "CSystemCalls", "GRDB", "Logging"],
        "Coordinator": ["Training", "Search", "Store", "CSystemCalls", "COpenSSL", "Logging"],
        "HTTPClient": ["CCurl"],
        "CDashboard": [],
        "Dashboard": ["CDashboard"],
        "API": ["HTTPClient", "Runs"],
        "Daemon": [
            "Coordinator", "Exporters", "API", "HTTPClient", "CSystemCalls", "CZlib", "Hummingbird", "HummingbirdCore",
            "ServiceLifecycle",
            "Configuration", "SystemPackage",
            "COpenSSL", "Logging", "NIOCore", "NIOExtras", "NIOHTTP1", "NIOHTTPTypesHTTP1", "NIOPosix",
            "NIOHTTPTypes", "HTTPTypes",
            "UnixSignals", "Dashboard",
        ],
        "UserFiles": ["API", "CSystemCalls"],
        "nas-ctl": ["UserFiles", "API", "ArgumentParser"],
        "nasd": ["Daemon", "UserFiles", "Coordinator", "CSystemCalls", "ArgumentParser", "Logging"],
    ]

    /// Modules of the toolchain and the system that every Swift target may use.
    static let system: Set<String> = ["Foundation", "FoundationEssentials", "Glibc", "Synchronization", "Dispatch"]
    /// Libraries stay with their owners: Tensors opens OpenBLAS, Datasets links zlib, as Daemon does, and the codecs of images, Store alone sees GRDB.
    static let owners: [String: Set<String>] = [
        "COpenBLAS": ["Tensors"], "CKernels": ["Tensors"], "CZlib": ["Datasets", "Daemon"],
        "CImageCodecs": ["Datasets"],
        "CSystemCalls": ["Datasets", "Training", "Store", "Coordinator", "Daemon", "UserFiles", "nasd"],
        "GRDB": ["Store"],
        "Yams": ["Documents"],
        "CCurl": ["HTTPClient"], "Hummingbird": ["Daemon"],
        "Configuration": ["Daemon"], "COpenSSL": ["Coordinator", "Daemon"],
        "SwiftProtobuf": ["Exporters"],
    ]

    static func allowed(_ target: String) -> Set<String> {
        var result = table[target] ?? []
        for name in result { result.formUnion(allowed(name)) }
        return result.filter { owners[$0]?.contains(target) ?? true }
    }

    static func imports(of file: URL) throws -> [String] {
        let text = try String(contentsOf: file, encoding: .utf8)
        let pattern =
            /^\s*(?:@\w+(?:\(\w+\))?\s+)*(?:(?:public|internal|package|private|fileprivate)\s+)?import\s+(?:(?:struct|class|enum|func|protocol|var|typealias)\s+)?(\w+)/
        return text.split(separator: "\n").compactMap { line in
            (try? pattern.prefixMatch(in: line)).map { String($0.1) }
        }
    }

    @Test(arguments: table.keys.sorted()) func sourcesImportOnlyWhatTheirLayerMay(target: String) throws {
        let folder = Repository.root.appending(path: "Sources/\(target)")
        let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
            .compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
        let allowed = Self.allowed(target).union(Self.system)
        for file in files {
            for name in try Self.imports(of: file) {
                #expect(allowed.contains(name), "\(file.lastPathComponent) of \(target) imports \(name)")
            }
        }
    }

    @Test func everyTargetIsInTheTable() throws {
        let folders = try FileManager.default.contentsOfDirectory(
            atPath: Repository.root.appending(path: "Sources").path)
        #expect(Set(folders.filter { !$0.hasPrefix(".") }) == Set(Self.table.keys))
    }

    @Test func theManifestDeclaresNoOtherEdge() throws {
        for target in try manifestTargets() where Self.table[target.name] != nil {
            let allowed = Self.allowed(target.name).union(Self.table[target.name] ?? [])
            for dependency in target.dependencies {
                #expect(allowed.contains(dependency), "\(target.name) depends on \(dependency)")
            }
        }
    }

    /// The check itself must be able to fail.
    @Test func anImportOfAHigherLayerIsSeen() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "layer-\(UUID().uuidString).swift")
        defer { try? FileManager.default.removeItem(at: file) }
        try "// comment\npublic import Store\n@testable import Search\nimport struct Foundation.URL\n".write(
            to: file, atomically: true, encoding: .utf8)
        #expect(try Self.imports(of: file) == ["Store", "Search", "Foundation"])
        #expect(!Self.allowed("Tensors").contains("Store"))
        #expect(!Self.allowed("Search").contains("Training"))
    }

    private struct ManifestTarget {
        let name: String
        let dependencies: [String]
    }

    /// The targets as the package manager reads them. It runs on a copy of the manifest with a scratch path of its
    /// own, because the package's build folder is locked while tests run.
    private func manifestTargets() throws -> [ManifestTarget] {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "manifest-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "swift", "package", "--package-path", Repository.root.path, "--scratch-path", scratch.path, "dump-package",
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let targets = try #require(json["targets"] as? [[String: Any]])
        return targets.compactMap { target in
            guard let name = target["name"] as? String else { return nil }
            let dependencies = (target["dependencies"] as? [[String: Any]] ?? []).compactMap { entry in
                ((entry["byName"] ?? entry["product"] ?? entry["target"]) as? [Any])?.first as? String
            }
            return ManifestTarget(name: name, dependencies: dependencies)
        }
    }
}
