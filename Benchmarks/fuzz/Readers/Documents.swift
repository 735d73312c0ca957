@testable import Documents
@testable import Runs
@testable import SearchSpaces

extension Format {
    /// Space and run files, and what is handed to a daemon: what is taken reads back as the same.
    static let documents = Format(name: "yaml") { bytes in
        guard let text = attempt({ try DocumentText.decode(bytes, file: "fuzz") }) else { return }
        if let document = attempt({ try UserDocument.parse(yaml: text, file: "fuzz") }) {
            note("a document")
            switch document {
            case .space(let space): look(at: space)
            case .run(let run):
                let resolved = run.resolvedYAML
                guard let again = attempt({ try RunSpecification.parse(yaml: resolved, file: "fuzz") }),
                    again.resolvedYAML == resolved
                else { fatalError("a run does not read back:\n\(resolved)") }
            }
        }
        if let submission = attempt({ try RunSubmission.parse(yaml: text, file: "fuzz") }) {
            note("a submission")
            let resolved = submission.yaml
            guard let again = attempt({ try RunSubmission.parse(yaml: resolved, file: "fuzz") }), again.yaml == resolved
            else {
                fatalError("a submission does not read back:\n\(resolved)")
            }
            if let space = submission.space { look(at: space) }
        }
    }

    private static func look(at space: SearchSpace) {
        let resolved = space.resolvedYAML
        guard let again = attempt({ try SearchSpace.parse(yaml: resolved, file: "fuzz", origin: .store) }),
            again.resolvedYAML == resolved, again.fingerprint == space.fingerprint
        else { fatalError("a space does not read back:\n\(resolved)") }
        _ = space.canonicalGenomeCountText
        for genome in [space.smallest, space.largest] {
            let text = space.text(of: genome)
            guard let same = attempt({ try space.genome(text: text) }), space.canonical(same) == space.canonical(genome)
            else {
                fatalError("an architecture does not read back: \(text)")
            }
            _ = space.key(of: genome)
            for metric in space.metrics { _ = metric.name }
        }
    }
}
