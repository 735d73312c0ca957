/// Whether settings read back from the form in which they are stored.
///
/// What cannot be read back would be accepted today and missing tomorrow, so it is refused while somebody listens. Settings
/// are the same when their stored forms are: what has no effect is not stored.
enum StoredForm {
    static func check(_ specification: RunSpecification, file: String) throws(SearchSpaceError) {
        try check(specification.resolvedYAML, file) { text throws(SearchSpaceError) in
            try RunSpecification.parse(yaml: text, file: file, collector: FaultCollector()).resolvedYAML
        }
    }

    static func check(_ space: SearchSpace, file: String) throws(SearchSpaceError) {
        try check(space.resolvedYAML, file) { text throws(SearchSpaceError) in
            try SearchSpace.parse(yaml: text, file: file, collector: FaultCollector()).resolvedYAML
        }
    }

    private static func check(
        _ text: String, _ file: String, readBack: (String) throws(SearchSpaceError) -> String
    ) throws(SearchSpaceError) {
        if text.utf8.count <= YAMLNode.sizeLimit, let again = try? readBack(text), again == text { return }
        throw .invalidFile(
            file: file,
            faults: [
                FileFault(
                    line: 1, column: 1, keyPath: "",
                    message: "expected settings that read back from the text they are stored as, of at most 1 MiB",
                    hint: "shorten its longest lists and texts")
            ])
    }
}
