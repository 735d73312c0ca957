import Runs

@testable import Coordinator
@testable import SearchSpaces

extension Format {
    /// What a worker sends: lines in pieces, messages, hellos.
    static let worker = Format(name: "worker") { bytes in
        var buffer = LineBuffer(most: 4096)
        let metrics = [Metric.accuracy]
        do {
            for start in stride(from: 0, to: bytes.count, by: 61) {
                buffer.append(bytes[start..<min(start + 61, bytes.count)])
                while let line = try buffer.next() {
                    if case .result(_, let message)? = attempt({ try WorkerReply(line) }) {
                        _ = (message["metrics"], message["score"]?.number, message["id"]?.integer)
                    }
                    guard let message = WorkerJSON(line) else { continue }
                    _ = attempt({ try WorkerHello(message, asking: metrics, at: [.search, .test]) })
                }
            }
        } catch {}
    }
}
