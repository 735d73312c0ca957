import Foundation
import TestSupport
import Testing

/// `Deploy/examples/client.py` against a real daemon.
@Suite(.enabled(if: Shell.hasPython, "python3 is not here")) struct ClientExampleTests {
    @Test func submitsWaitsAndTakesTheFront() throws {
        let daemon = try ServedDaemon()
        let script = Repository.root.appending(path: "Deploy/examples/client.py").path
        try Files.write(Array(ServedDaemon.tiny().utf8), daemon.folder + "/run.yaml")
        try Files.write(Array(ServedDaemon.tiny().replacing("seed", with: "sead").utf8), daemon.folder + "/bad.yaml")
        let good = try Shell.run("python3 \(script) --endpoint unix:\(daemon.socket) run.yaml", in: daemon.folder)
        #expect(good.code == 0 && good.error.contains("tiny completed, step 40 of 40"), "\(good.error)")
        let lines = good.output.split(separator: "\n").compactMap {
            try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }
        let own = lines.compactMap { $0["multiplyAdds"] as? Int }
        #expect(!lines.isEmpty && own.count == lines.count && own == own.sorted())
        #expect(lines.allSatisfy { $0["accuracy"] != nil && $0["activationBytes"] != nil && $0["genome"] != nil })
        let bad = try Shell.run("python3 \(script) --endpoint unix:\(daemon.socket) bad.yaml", in: daemon.folder)
        #expect(bad.code == 1 && bad.error.contains("did you mean 'seed'"), "\(bad.error)")
        let every = try Shell.run(
            """
            PYTHONPATH=$(dirname \(script)) python3 -c 'from client import Daemon
            daemon = Daemon("unix:\(daemon.socket)")
            print(sum(1 for one in daemon.candidates("tiny", filter="round=1")), len(daemon.front("tiny", round=0)) > 0)'
            """, in: daemon.folder)
        #expect(every.output == "12 True\n" && daemon.program.isRunning, "\(every.error)")
    }
}
