/// A column of a table, or what follows from it by arithmetic, such as `mean_acc / 100`.
///
/// ```
/// sum     = product {("+" | "-") product}
/// product = factor {("*" | "/") factor}
/// factor  = number | column | "(" sum ")" | "-" factor
/// ```
///
/// Names of columns may hold anything but blanks, parentheses, `*`, `/` and double quotes, and anything in double quotes; so
/// `+` and `-` are operators where they stand alone. Computed in 64 bits, from the left.
public struct ColumnExpression: Sendable, Hashable {
    /// As it was written.
    public let text: String
    /// The one column that it reads.
    public let column: String
    private let root: Node

    private indirect enum Node: Sendable {
        case number(Double)
        case column
        case operation(Operator, Node, Node)

        func value(of column: Double) -> Double {
            switch self {
            case .number(let value): value
            case .column: column
            case .operation(let operation, let left, let right):
                operation.apply(left.value(of: column), right.value(of: column))
            }
        }
    }

    private enum Operator: Character {
        case plus = "+"
        case minus = "-"
        case times = "*"
        case over = "/"

        func apply(_ left: Double, _ right: Double) -> Double {
            switch self {
            case .plus: left + right
            case .minus: left - right
            case .times: left * right
            case .over: left / right
            }
        }
    }

    /// What is wrong with a text.
    struct Fault: Error, Hashable {
        let message: String
    }

    /// Reads a text.
    ///
    /// - Throws: `Fault`, which says what was expected and what was found.
    init(_ text: String) throws(Fault) {
        var parser = Parser(tokens: try Self.tokens(of: text)[...])
        let root = try parser.sum()
        if let extra = parser.tokens.first {
            throw Fault(message: "expected +, -, * or / before '\(extra.text)'")
        }
        guard let column = parser.columns.first else {
            throw Fault(message: "expected the name of a column, found numbers alone")
        }
        if let other = parser.columns.first(where: { $0 != column }) {
            throw Fault(message: "expected one column, found '\(column)' and '\(other)'")
        }
        self.text = text
        self.column = column
        self.root = root
    }

    /// The value for a value of the column; not finite where it divides by 0.
    public func value(of column: Double) -> Double { root.value(of: column) }

    /// Whether they were written alike.
    public static func == (left: ColumnExpression, right: ColumnExpression) -> Bool { left.text == right.text }

    /// Mixes the text.
    public func hash(into hasher: inout Hasher) { hasher.combine(text) }

    private enum Token {
        case number(Double, text: String)
        case name(String)
        case sign(Character)

        var text: String {
            switch self {
            case .number(_, let text), .name(let text): text
            case .sign(let sign): String(sign)
            }
        }
    }

    /// Longer than any that somebody writes.
    private static let mostBytes = 1024

    private static func tokens(of text: String) throws(Fault) -> [Token] {
        guard text.utf8.count <= mostBytes else {
            throw Fault(message: "expected at most \(mostBytes) bytes, found \(text.utf8.count)")
        }
        var tokens: [Token] = [], rest = Substring(text)
        while let first = rest.first {
            if first == " " || first == "\t" {
                rest.removeFirst()
            } else if "()*/".contains(first) {
                tokens.append(.sign(first))
                rest.removeFirst()
            } else if first == "\"" {
                rest.removeFirst()
                guard let end = rest.firstIndex(of: "\"") else {
                    throw Fault(message: "expected a second double quote after '\(rest)'")
                }
                tokens.append(.name(String(rest[..<end])))
                rest = rest[rest.index(after: end)...]
            } else {
                let word = rest.prefix { !" \t()*/\"".contains($0) }
                rest = rest[word.endIndex...]
                if word == "+" || word == "-" {
                    tokens.append(.sign(first))
                } else if word.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }), let value = Double(word),
                    value.isFinite
                {
                    tokens.append(.number(value, text: String(word)))
                } else {
                    tokens.append(.name(String(word)))
                }
            }
        }
        return tokens
    }

    private struct Parser {
        var tokens: ArraySlice<Token>
        var columns: [String] = []
        private var depth = 0

        init(tokens: ArraySlice<Token>) { self.tokens = tokens }

        private static let mostDepth = 64

        /// The next operator, taken, where it is one of some.
        private mutating func take(_ operators: Operator...) -> Operator? {
            guard case .sign(let sign)? = tokens.first, let found = Operator(rawValue: sign), operators.contains(found)
            else { return nil }
            tokens.removeFirst()
            return found
        }

        mutating func sum() throws(Fault) -> Node {
            var node = try product()
            while let sign = take(.plus, .minus) { node = .operation(sign, node, try product()) }
            return node
        }

        private mutating func product() throws(Fault) -> Node {
            var node = try factor()
            while let sign = take(.times, .over) { node = .operation(sign, node, try factor()) }
            return node
        }

        private mutating func factor() throws(Fault) -> Node {
            guard let token = tokens.popFirst() else {
                throw Fault(message: "expected a column or a number, found the end")
            }
            depth += 1
            defer { depth -= 1 }
            guard depth <= Self.mostDepth else {
                throw Fault(message: "expected at most \(Self.mostDepth) levels of parentheses")
            }
            switch token {
            case .number(let value, _): return .number(value)
            case .name(let name):
                columns.append(name)
                return .column
            case .sign("-"): return .operation(.minus, .number(0), try factor())
            case .sign("("):
                let node = try sum()
                guard case .sign(")")? = tokens.popFirst() else {
                    throw Fault(message: "expected a closing parenthesis")
                }
                return node
            case .sign(let sign): throw Fault(message: "expected a column or a number, found '\(sign)'")
            }
        }
    }
}
