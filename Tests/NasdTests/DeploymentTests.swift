import Foundation
import HTTPClient
import TestSupport
import Testing

/// What Deploy has for others is about what there is: metrics, keys, verbs.
@Suite struct DeploymentTests {
    private func text(_ path: String) throws -> String {
        try String(contentsOf: Repository.root.appending(path: "Deploy/" + path), encoding: .utf8)
    }

    /// Alerts, their tests and the dashboard name metrics that /metrics tells of, and the dashboard shows all of them.
    @Test func alertsAndDashboardNameMetricsThatThereAre() throws {
        let daemon = try ServedDaemon()
        let help = String(decoding: try daemon.get("/metrics").body, as: UTF8.self).split(separator: "\n").filter {
            $0.hasPrefix("# TYPE ")
        }
        let known = Set(help.compactMap { $0.split(separator: " ").dropFirst(2).first.map(String.init) })
        #expect(known.contains("nasd_ready") && known.count > 15)
        func named(_ path: String) throws -> Set<String> {
            Set(try text(path).matches(of: #/\bnasd_[a-z_]+/#).map { String($0.0) })
        }
        for path in ["prometheus/nasd.rules.yaml", "prometheus/nasd.rules.test.yaml"] {
            #expect(try named(path).subtracting(known).isEmpty, "\(path)")
        }
        #expect(try named("grafana/nasd.json") == known)
        _ = try JSONSerialization.jsonObject(with: Data(try text("grafana/nasd.json").utf8))
        daemon.program.send(SIGTERM)
        #expect(daemon.program.wait().code == 0)
    }

    /// The configuration of the manifests loads: what is wrong with it is told before anything else.
    @Test func theConfigurationOfTheClusterIsValid() throws {
        let lines = try text("kubernetes/nasd.yaml").split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex { $0 == "  nasd.yaml: |" })
        let block = lines[(start + 1)...].prefix { $0.hasPrefix("    ") }.map { $0.dropFirst(4) }
        try withDirectory { folder in
            // Keys are checked before files: here there are none of the cluster's.
            let file = folder + "/nasd.yaml"
            try Files.write(Array(block.joined(separator: "\n").utf8), file)
            let outcome = try Program.run("serve", "--config", file)
            #expect(outcome.code == 2 && !outcome.error.contains("expected a key"), "\(outcome.error)")
            #expect(outcome.error.contains("/etc/nasd-t") || outcome.error.contains("/run/nasd"), "\(outcome.error)")
        }
    }

    /// Installed below a prefix, the programs find the spaces beside them; what was installed goes again, and nothing else.
    @Test func anInstallationIsWholeAndGoes() throws {
        try withDirectory { folder in
            let programs = try Program.file("nasd").deletingLastPathComponent().path
            func script(_ name: String, _ arguments: [String]) throws -> (code: Int32, output: String) {
                let process = Process(), pipe = Pipe()
                process.executableURL = Repository.root.appending(path: "Deploy/" + name)
                process.arguments = arguments
                process.standardOutput = pipe
                process.standardError = pipe
                process.environment = ProcessInfo.processInfo.environment.merging(["HOME": folder + "/home"]) { $1 }
                try process.run()
                let data = pipe.fileHandleForReading.readDataToEndOfFile()
                process.waitUntilExit()
                return (process.terminationStatus, String(decoding: data, as: UTF8.self))
            }
            let root = folder + "/root", arguments = ["--root", root, "--prefix", "/usr"]
            let first = try script("install", arguments + ["--programs", programs])
            #expect(first.code == 0 && first.output.contains("installed /usr/bin/nasd"), "\(first.output)")
            let again = try script("install", arguments + ["--programs", programs])
            #expect(again.code == 0 && !again.output.contains("installed /"), "\(again.output)")
            #expect(again.output.contains("kept /etc/nasd/nasd.yaml"))
            let checked = Process()
            checked.executableURL = URL(filePath: root + "/usr/bin/nasd")
            checked.arguments = ["cost", "vit-mnist", "--genome", "largest"]
            // Not where the repository's spaces are.
            checked.currentDirectoryURL = URL(filePath: folder)
            checked.standardOutput = FileHandle.nullDevice
            try checked.run()
            checked.waitUntilExit()
            #expect(checked.terminationStatus == 0)
            // What the user has changed or made stays.
            let configuration = root + "/etc/nasd/nasd.yaml", data = root + "/var/lib/nasd/nasd.sqlite"
            try FileManager.default.createDirectory(
                atPath: root + "/var/lib/nasd", withIntermediateDirectories: true)
            try Files.write(Array("mine".utf8), data)
            try Files.write(Array("workers: 2\n".utf8), configuration)
            let gone = try script("uninstall", arguments)
            #expect(gone.code == 0 && gone.output.contains("kept /etc/nasd/nasd.yaml"), "\(gone.output)")
            let left = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
            #expect(
                Set(left) == [
                    "etc", "etc/nasd", "etc/nasd/nasd.yaml", "var", "var/lib", "var/lib/nasd",
                    "var/lib/nasd/nasd.sqlite",
                ])
            #expect(try script("uninstall", arguments).output.contains("nothing is installed"))
        }
    }
}
