/// What can be wrong with a table, or with what is asked of it.
public enum TableFault: Equatable, Sendable, CustomStringConvertible {
    /// A row has more or fewer fields than there are columns.
    case raggedRow(expected: Int, found: Int)
    /// A quoted field has no end.
    case unterminatedQuote
    /// Something stands between the end of a quoted field and the next delimiter.
    case textAfterQuote
    /// The bytes are no text.
    case notText(found: String)
    /// A record is longer than anything that a table has.
    case longRecord(mostBytes: Int)
    /// The delimiter cannot be told from the first row.
    case unknownDelimiter(candidates: [String])
    /// The file has a header and no rows.
    case headerOnly
    /// Two columns have the same name.
    case duplicateColumn(String)
    /// The columns are not those of the first file.
    case otherHeader(first: String, expected: String, found: String)
    /// There is no column of a name.
    case noColumn(String, key: String, columns: [String])
    /// The columns are not those that a network reads.
    case foreignColumns(absent: [String], others: [String])
    /// Lines end with a carriage return alone.
    case returnsAlone
    /// All columns are targets.
    case noInputs
    /// A text stands where a number should.
    case notANumber(column: String, value: String, isTarget: Bool)
    /// A number is infinite or not a number.
    case notFinite(column: String, value: String)
    /// A number is too large to compute with.
    case tooLarge(column: String, value: String)
    /// A row has no target.
    case missingTarget(column: String)
    /// The target of a regression was listed as categorical.
    case categoricalTarget(String)
    /// All training rows are of one class.
    case oneClass(String, column: String)
    /// A class occurs outside of the training part alone.
    case unknownClass(String, column: String)
    /// A class is none that a network knows.
    case foreignClass(String, column: String, known: [String])
    /// There is more of something than a table may have.
    case tooMany(what: String, found: Int, most: Int)
    /// The rows do not suffice for the test part.
    case noTestRows(asked: String, rows: Int)

    /// What is wrong and how to mend it.
    public var description: String {
        switch self {
        case .raggedRow(let expected, let found):
            "expected \(expected) fields, found \(found); check the delimiter, and put fields that contain it in double quotes"
        case .unterminatedQuote:
            "a quoted field begins here and never ends; close it, and write a double quote within it twice"
        case .textAfterQuote:
            "text follows the closing quote of a field; write a double quote within a quoted field twice"
        case .notText(let found):
            "expected text in UTF-8, found \(found); save the table as CSV in UTF-8, or name another file"
        case .longRecord(let most):
            "a record of more than \(most >> 20) MiB; check that it is a table with line breaks"
        case .unknownDelimiter(let candidates):
            (candidates.isEmpty
                ? "the first row has one field alone" : "the first row has \(candidates.joined(separator: " and "))")
                + "; set data.delimiter to what stands between the fields, such as ',', ';' or tab"
        case .headerOnly:
            "holds a header and no rows; name another file, or set header: false where the first row is data"
        case .duplicateColumn(let name):
            "two columns are called '\(Self.shown(name))'; give each a name of its own, or set header: false where the first row is data"
        case .otherHeader(let first, let expected, let found):
            "its columns are not those of \(first): expected \(expected), found \(found); all files of a data set have the same"
        case .noColumn(let name, let key, let columns):
            "there is no column '\(Self.shown(name))', which data.\(key) names; there are \(Self.list(columns))"
        case .foreignColumns(let absent, let others):
            "its columns are not those that the network reads: "
                + [
                    absent.isEmpty ? nil : "there is no \(Self.list(absent))",
                    others.isEmpty ? nil : "it knows no \(Self.list(others))",
                ]
                .compactMap(\.self).joined(separator: ", and ") + "; name the columns as in the data it was trained on"
        case .returnsAlone:
            "its lines end with a carriage return alone, as on the first Macintosh; end them with line feeds, as tr '\\r' '\\n' does"
        case .noInputs: "there is no column beside the target; a table has one input at least"
        case .notANumber(let column, let value, let isTarget):
            "expected a number in column '\(Self.shown(column))', found '\(Self.shown(value))'; "
                + (isTarget
                    ? "clean the data, or take a space of classes where the target is a class"
                    : "list the column under data.categorical, or the text under data.missing")
        case .notFinite(let column, let value):
            "expected a finite number in column '\(Self.shown(column))', found '\(Self.shown(value))'; clean the data, or list it under data.missing"
        case .tooLarge(let column, let value):
            "the number \(Self.shown(value)) in column '\(Self.shown(column))' is too large to compute with; at most 1e30 is taken: scale the column"
        case .missingTarget(let column):
            "the target '\(Self.shown(column))' is missing; take the row out, or complete it"
        case .categoricalTarget(let name):
            "'\(Self.shown(name))' is the target of a regression, and a number; take it out of data.categorical, or "
                + "take a space of classes"
        case .oneClass(let name, let column):
            "all training rows are of class '\(Self.shown(name))' by column '\(Self.shown(column))': there is nothing to tell apart; check data.target"
        case .unknownClass(let name, let column):
            "class '\(Self.shown(name))' of column '\(Self.shown(column))' has no row in the training part; add some, take these rows out, or "
                + "hold out fewer"
        case .foreignClass(let name, let column, let known):
            "class '\(Self.shown(name))' of column '\(Self.shown(column))' is none that the network knows, which are "
                + "\(Self.list(known)); name classes as in the data it was trained on, or take these rows out"
        case .tooMany(let what, let found, let most):
            "\(found) \(what); at most \(most) are possible: check that it is the right file, and its columns"
        case .noTestRows(let asked, let rows):
            "data.test asks for \(asked) of \(rows) rows, which must leave some to test with and some to train with"
        }
    }

    /// A text of a file as a message has it: short, and without signs that a terminal obeys.
    static func shown(_ text: String) -> String {
        let start = text.unicodeScalars.prefix(40).map { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate:
                "\\u{\(String(scalar.value, radix: 16))}"
            default: String(scalar)
            }
        }.joined()
        return text.unicodeScalars.count > 40 ? start + "…" : start
    }

    /// The first names of a list.
    static func list(_ names: [String]) -> String {
        let shown = names.prefix(20).map { "'\(Self.shown($0))'" }.joined(separator: ", ")
        return names.count > 20 ? "\(shown) and \(names.count - 20) more" : shown
    }
}
