import API
import Documents
import Foundation
import Runs
import SearchSpaces
import TestSupport
import Testing
import UserFiles

@testable import nas_ctl

@Suite struct SubmissionTests {
    private let runs = Repository.root.appending(path: "SearchSpaces/runs")

    @Test(arguments: ["mnist-vit", "cifar-vit", "glyphs-quickstart"]) func spacesTravelAlong(name: String) throws {
        let path = runs.appending(path: "\(name).yaml").path
        let submission = try RunFile(path: path, overrides: ["seed=11"]).submission
        let again = try RunSubmission.parse(yaml: submission.yaml, file: "again")
        #expect(again.specification == submission.specification && again.space == submission.space)
        #expect(again.yaml == submission.yaml)
        #expect(again.specification.seed == 11)
        let space = try SpaceCatalog.load(
            Repository.root.appending(path: "SearchSpaces/\(submission.specification.space).yaml").path)
        #expect(again.space == space)
    }

    @Test func aSpaceIsFoundByPathBesideOrLeftToTheDaemon() throws {
        try withDirectory { folder in
            let text = try String(contentsOf: runs.appending(path: "mnist-vit.yaml"), encoding: .utf8)
            let space = try String(
                contentsOf: Repository.root.appending(path: "SearchSpaces/vit-mnist.yaml"), encoding: .utf8)
            let path = folder + "/run.yaml"
            try Data(text.utf8).write(to: URL(filePath: path))
            // Nowhere near: the daemon may know it.
            let named = try RunFile(path: path).submission
            #expect(named.space == nil && named.specification.space == "vit-mnist")
            // By a path, under a name of its own.
            try FileManager.default.createDirectory(atPath: folder + "/spaces", withIntermediateDirectories: true)
            try Data(space.replacing("name: vit-mnist", with: "name: other").utf8)
                .write(to: URL(filePath: folder + "/spaces/x.yaml"))
            let byPath = try RunFile(path: path, overrides: ["space=spaces/x.yaml"]).submission
            #expect(byPath.space?.name == "other" && byPath.specification.space == "other")
            #expect(try RunSubmission.parse(yaml: byPath.yaml, file: "again").space?.name == "other")
            // Beside the run file.
            try Data(space.utf8).write(to: URL(filePath: folder + "/vit-mnist.yaml"))
            #expect(try RunFile(path: path).submission.space?.name == "vit-mnist")
            // Inline already.
            let inline = folder + "/inline.yaml"
            try Data(byPath.yaml.utf8).write(to: URL(filePath: inline))
            #expect(try RunFile(path: inline).submission.yaml == byPath.yaml)
            // A path that is wrong is a fault here, and so is a space that is.
            let missing = #expect(throws: RunError.self) {
                try RunFile(path: path, overrides: ["space=spaces/y.yaml"])
            }
            #expect(missing.map { Failure($0).code } == .notFound)
            try Data(space.replacing("headWidth: 32", with: "headWidth: none").utf8)
                .write(to: URL(filePath: folder + "/vit-mnist.yaml"))
            let faulty = #expect(throws: DocumentError.self) { try RunFile(path: path) }
            #expect(faulty?.description.contains("vit-mnist.yaml:") == true)
        }
    }

    /// What cannot go together is said here, without a daemon.
    @Test func dataOfAnotherSpace() throws {
        let path = runs.appending(path: "glyphs-quickstart.yaml").path
        let error = #expect(throws: RunError.self) {
            try RunFile(path: path, overrides: ["space=../vit-cifar.yaml"])
        }
        #expect(error.map { Failure($0).code } == .usage)
        #expect(error?.description.contains("data.format: the space expects images of 32 x 32 x 3") == true)
    }

    /// Bounds that leave no architecture of a space that is at hand, beside the run or in it; the daemon's are its own.
    @Test(arguments: [
        ("[{metric: params, atMost: 1}]", "the space ranges from"),
        ("[{metric: params, atLeast: 500000}, {metric: params, atMost: 400000}]", "all of them together"),
    ]) func boundsThatNothingKeeps(constraints: String, told: String) throws {
        let path = runs.appending(path: "mnist-vit.yaml").path
        let change = "search.constraints=\(constraints)"
        let inline = try RunFile(path: path).submission.yaml
        try withDirectory { folder in
            let named = folder + "/run.yaml", own = folder + "/inline.yaml"
            try Data(contentsOf: URL(filePath: path)).write(to: URL(filePath: named))
            try Data(inline.utf8).write(to: URL(filePath: own))
            for file in [path, own] {
                let error = #expect(throws: RunError.self) { try RunFile(path: file, overrides: [change]) }
                let failure = error.map { Failure($0) }
                #expect(failure?.code == .usage, "\(file)")
                #expect(failure?.message.hasPrefix("error: search.constraints: no architecture of the space") == true)
                #expect(failure?.message.contains(told) == true, "\(failure?.message ?? "")")
            }
            #expect(throws: Never.self) { try RunFile(path: named, overrides: [change]) }
        }
    }

    @Test func faultsHaveTheirPlace() throws {
        let path = runs.appending(path: "mnist-vit.yaml").path
        let error = #expect(throws: DocumentError.self) {
            try RunFile(path: path, overrides: ["train.stepz=3", "train.steps=0"])
        }
        #expect(error.map { Failure($0).code } == .usage)
        #expect(error?.description.contains("--set train.stepz: ") == true)
        #expect(throws: Failure.self) { try RunFile(path: path, overrides: ["nothing"]) }
        let none = #expect(throws: UserFileError.self) { try RunFile(path: "/nowhere/run.yaml") }
        #expect(none.map { Failure($0).code } == .notFound)
        #expect(throws: DocumentError.self) { try RunFile(path: runs.path) }
        // An endless device is given up early.
        #expect(throws: DocumentError.self) { try RunFile(path: "/dev/zero") }
    }

    @Test func faultsOfTheDaemonStandUnderTheNameOfTheFile() throws {
        let file = try RunFile(path: runs.appending(path: "mnist-vit.yaml").path)
        let problem = ProblemDocument(
            title: "t", status: 422, detail: "d",
            errors: [.init(path: "data.directory", message: "not under a data root"), .init(path: "", message: "m")])
        let failure = file.failure(.problem(problem))
        #expect(failure.code == .usage)
        #expect(failure.message == "\(file.name): data.directory: not under a data root\n\(file.name): m")
    }
}
