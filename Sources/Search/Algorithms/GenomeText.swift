import SearchSpaces

/// A genome as text: two hexadecimal digits for each choice.
struct GenomeText: Codable {
    let genome: Genome

    init(genome: Genome) {
        self.genome = genome
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let digits = Array(try container.decode(String.self).utf8)
        var choices: [UInt8] = []
        for start in stride(from: 0, to: digits.count, by: 2) {
            let pair = String(decoding: digits[start..<min(start + 2, digits.count)], as: UTF8.self)
            guard pair.utf8.count == 2, let choice = UInt8(pair, radix: 16) else {
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "A genome has two hexadecimal digits for each choice.")
            }
            choices.append(choice)
        }
        genome = Genome(choices)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        let text = genome.choices.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        try container.encode(text)
    }
}
