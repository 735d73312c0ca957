import Foundation
import Logging
import Testing

@testable import Coordinator

@Suite struct LogTests {
    /// What was handed over as a number is one; text that looks like one stays text.
    @Test func numbersOfALogAreNumbers() throws {
        let event = LogEvent(
            level: .info, message: "a \"line\"",
            metadata: [
                "step": .stringConvertible(20), "rate": .stringConvertible(0.5), "on": .stringConvertible(true),
                "run": "234567abcdef", "number": "20", "list": [.stringConvertible(1), "2"],
                "none": .stringConvertible(Double.nan),
            ], source: "test", file: "f", function: "f", line: 1)
        #expect(
            LogLine.json(event, ["run": "outdone", "more": "m"], time: "2026-01-02T03:04:05Z")
                == #"{"level":"info","list":[1,"2"],"message":"a \"line\"","more":"m","none":null,"number":"20","on":true,"rate":0.5,"run":"234567abcdef","step":20,"time":"2026-01-02T03:04:05Z"}"#
        )
    }

    @Test func theLastStepOutlivesItsWriter() throws {
        let folder = NSTemporaryDirectory() + "nasd-step-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let note = StepNote(folder: folder)
        #expect(note.step == 0)
        for step in [1, 1_000_000, 999] {
            note.note(step)
            #expect(note.step == step && StepNote(folder: folder).step == step)
        }
        for text in ["", "12", "twenty characters..\n"] {
            try Data(text.utf8).write(to: URL(filePath: folder + "/step"))
            #expect(StepNote(folder: folder).step == 0)
        }
        let nowhere = StepNote(folder: folder + "/none")
        nowhere.note(3)
        #expect(nowhere.step == 0)
    }
}
