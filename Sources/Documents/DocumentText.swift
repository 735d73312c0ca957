/// The text of a document that somebody hands in as bytes.
public enum DocumentText {
    /// Decodes UTF-8, with or without a byte order mark, and UTF-16 and UTF-32 with one, as YAML 1.2 (section 5.2) asks; the
    /// mark is no part of the text.
    ///
    /// - Parameter file: The name that a fault is reported under.
    /// - Throws: `DocumentError.unreadableFile` when the bytes are no such text.
    public static func decode(_ bytes: some Collection<UInt8>, file: String) throws(DocumentError) -> String {
        let bytes = Array(bytes)
        let text: String?
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            text = String(validating: bytes.dropFirst(3), as: UTF8.self)
        } else if bytes.starts(with: [0xFF, 0xFE, 0, 0]) {
            text = decode(bytes.dropFirst(4), [0, 8, 16, 24], as: UTF32.self)
        } else if bytes.starts(with: [0, 0, 0xFE, 0xFF]) {
            text = decode(bytes.dropFirst(4), [24, 16, 8, 0], as: UTF32.self)
        } else if bytes.starts(with: [0xFF, 0xFE]) {
            text = decode(bytes.dropFirst(2), [0, 8], as: UTF16.self)
        } else if bytes.starts(with: [0xFE, 0xFF]) {
            text = decode(bytes.dropFirst(2), [8, 0], as: UTF16.self)
        } else {
            text = String(validating: bytes, as: UTF8.self)
        }
        guard let text else {
            throw .unreadableFile(
                file: file, reason: "expected text in UTF-8, found other bytes; is it the file that was meant?")
        }
        return text
    }

    /// - Parameter shifts: Where each byte of a unit belongs.
    private static func decode<Encoding: Unicode.Encoding>(
        _ bytes: ArraySlice<UInt8>, _ shifts: [Int], as encoding: Encoding.Type
    ) -> String? {
        guard bytes.count % shifts.count == 0 else { return nil }
        let units = stride(from: bytes.startIndex, to: bytes.endIndex, by: shifts.count).map { start in
            shifts.enumerated().reduce(Encoding.CodeUnit(0)) { unit, part in
                unit | Encoding.CodeUnit(bytes[start + part.offset]) << Encoding.CodeUnit(part.element)
            }
        }
        return String(validating: units, as: encoding)
    }
}
