internal import API
internal import Foundation
internal import SearchSpaces
internal import UserFiles

/// A file with a genome in each line, as in results.csv, quoted or not.
enum GenomeList {
    /// Reads a file.
    ///
    /// - Parameter genome: The genome of a text.
    /// - Throws: `Failure` with file and line of a text that is none, and for a file without any.
    static func read(
        _ file: String, genome: (String) throws(SearchSpaceError) -> Genome
    ) throws -> [Genome] {
        let lines = try UserText.read(file).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        let genomes = try lines.enumerated().compactMap { index, line throws(Failure) -> Genome? in
            var text = line.trimmingCharacters(in: .whitespaces)
            // CSV quotes what has commas.
            if text.count > 1, text.hasPrefix("\""), text.hasSuffix("\"") { text = String(text.dropFirst().dropLast()) }
            if text.isEmpty { return nil }
            do throws(SearchSpaceError) {
                return try genome(text)
            } catch {
                throw Failure(code: .usage, message: "error: \(file):\(index + 1): \(error)")
            }
        }
        guard !genomes.isEmpty else {
            throw Failure(
                code: .usage, message: "error: \(file) holds no genome; write one in each line, as in results.csv")
        }
        return genomes
    }
}

extension SearchSpace {
    /// The genome of a text: `largest`, `smallest`, or one as in results.csv.
    func genome(named text: String) throws(SearchSpaceError) -> Genome {
        switch text {
        case "largest": largest
        case "smallest": smallest
        default: try genome(text: text)
        }
    }
}
