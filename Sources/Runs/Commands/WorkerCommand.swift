public import Documents

/// A program of the user's own that measures architectures or trains their networks: how its processes are started.
///
/// A run file that `nasd run` reads has them under `commands`, and so has the configuration of a daemon; what is handed in to a daemon
/// names one of the latter.
public struct WorkerCommand: Sendable, Hashable {
    /// A variable of the environment, with a value for each slot in turn.
    public struct Variable: Sendable, Hashable {
        /// Its name.
        public let name: String
        /// Its values: slot i, counted from 0, has the one at i modulo their count.
        public let values: [String]
    }

    /// What run files call it.
    public let name: String
    /// The program and its arguments, which no shell reads; empty where workers connect themselves.
    public let argv: [String]
    /// Whether its workers are started elsewhere, and connect to the daemon.
    public let connects: Bool
    /// What workers that connect see the folder `runs` of the daemon's data directory as, in which training keeps its states; nil
    /// where they do not.
    public let states: String?
    /// Whether its processes are traced, so that all that comes of them ends with whoever holds them; default true.
    public let traces: Bool
    /// Where its processes start; nil for the folder that nasd was started in.
    public let directory: String?
    /// How many processes there are at most; default 1.
    public let slots: Int
    /// Seconds that one request may take; default 600.
    public let deadline: Double
    /// Variables that its processes get beside the few of every user's.
    public let environment: [Variable]
    /// Variables that a run may set.
    public let permit: [String]

    /// The most slots of a command.
    public static let mostSlots = 256
    /// The seconds that a request may take.
    static let deadlines = 0.1...1e7
    private static let mostCommands = 64
    /// Programs that have a worker run on another machine, which may be away for a while.
    private static let placing = ["ssh", "srun", "mpirun", "mpiexec", "kubectl"]

    /// Whether its workers run on another machine, as far as its words tell.
    package var isPlacedElsewhere: Bool {
        connects || argv.contains { word in Self.placing.contains { word == $0 || word.hasSuffix("/\($0)") } }
    }

    /// The commands below a key of a document.
    ///
    /// - Parameter isListening: Whether whoever reads them takes connections of workers.
    package static func all(_ section: SectionReader, isListening: Bool) -> [WorkerCommand] {
        guard section.keys.count <= mostCommands else {
            section.collector.report(
                "expected at most \(mostCommands) commands, found \(section.keys.count)", at: section.position,
                path: section.path)
            return []
        }
        return section.names.map { name in
            if !isName(name) {
                section.report(
                    "expected a name of 1 to 64 letters, digits, '_' or '-', found '\(name.prefix(80))'", key: name)
            }
            return WorkerCommand(name, section.section(name), isListening: isListening)
        }
    }

    /// The commands of a configuration file, whatever else it has.
    ///
    /// - Throws: `DocumentError.invalidFile` with every fault of them.
    public static func all(ofConfiguration yaml: String, file: String) throws(DocumentError) -> [WorkerCommand] {
        let collector = FaultCollector()
        let node = YAMLNode.parse(yaml, into: collector)
        let commands = node.map { node in
            all(
                SectionReader(node, path: "", at: .start, collector: collector).section("commands"), isListening: true)
        }
        try collector.finish(file: file)
        return commands ?? []
    }

    private init(_ name: String, _ reader: SectionReader, isListening: Bool) {
        reader.describe([
            "argv": "the program and its arguments; no shell reads them",
            "connect": "whether its workers connect, in place of being started",
            "states": "what workers that connect see the folder runs of the data directory as, so that they may train",
            "trace": "whether all that comes of a worker is traced, so that it ends with nasd and its supervisor",
            "directory": "where its processes start; by default the folder that nasd was started in",
            "slots": "processes at most",
            "deadline": "seconds that one request may take",
            "environment": "variables of its processes, by name",
            "environment.*": "a value, or a list of one for each slot in turn",
            "permit": "variables that a run handed in to a daemon may set",
        ])
        self.name = name
        // No key of run files, so that their schema has it not.
        connects = (isListening || reader.has("connect")) && reader.flag("connect", default: false)
        if connects { Self.checkConnecting(reader, isListening: isListening) }
        states = isListening || reader.has("states") ? Self.states(reader, isConnecting: connects) : nil
        argv = reader.list(
            "argv", isRequired: !connects, expected: "a list of a program and its arguments",
            least: "at least a program",
            most: 1024
        ).enumerated().compactMap { index, item in
            Self.value(item, reader, path: "\(reader.path("argv"))[\(index)]", isProgram: index == 0)
        }
        traces = reader.flag("trace", default: true)
        directory = reader.optional("directory") { reader.text("directory", expected: "a folder") }
        slots = reader.integer("slots", default: 1, in: 1...Self.mostSlots)
        deadline = reader.number("deadline", default: 600, in: Self.deadlines, isComputed: false)
        environment = Variable.all(reader.section("environment"))
        permit = reader.list("permit", isRequired: false, expected: "a list of variables").enumerated().compactMap {
            index, item in
            let path = "\(reader.path("permit"))[\(index)]"
            guard let name = reader.text(item, path: path, expected: "the name of a variable") else { return nil }
            guard let fault = Variable.fault(of: name) ?? Self.refusal(of: name) else { return name }
            reader.collector.report(fault, at: item.position, path: path)
            return nil
        }
        reader.finish()
    }

    private static func states(_ reader: SectionReader, isConnecting: Bool) -> String? {
        let path = reader.optional("states") { reader.text("states", expected: "an absolute path") }
        guard let path else { return nil }
        if !isConnecting {
            reader.report(
                "expected nothing, since workers that are started here have the data directory", key: "states",
                hint: "take it out, or have the workers connect (connect: true)")
        } else if !path.hasPrefix("/") {
            reader.report("expected an absolute path, found '\(path.prefix(80))'", key: "states")
        }
        return path
    }

    /// Reports what means nothing for workers that are started elsewhere.
    private static func checkConnecting(_ reader: SectionReader, isListening: Bool) {
        if !isListening {
            reader.report(
                "expected argv, since only a daemon takes workers that connect", key: "connect",
                hint: "set commands and workerListen in the configuration of nasd serve, and hand the run in to it")
        }
        for key in ["argv", "trace", "directory", "environment", "permit"] where reader.has(key) {
            reader.report(
                "expected nothing, since workers that connect are not started from here", key: key,
                hint: "take it out, or take connect out")
        }
    }

    /// Text of a program's start: anything but a 0, which ends it, and no signs that a terminal obeys.
    fileprivate static func value(
        _ node: YAMLNode, _ reader: SectionReader, path: String, isProgram: Bool = false
    ) -> String? {
        let all = Double.greatestFiniteMagnitude
        for kind in [KeyRule.Kind.text, .number(-all...all, excludingLowest: false), .flag] {
            reader.collector.note(path, kind)
        }
        guard let text = SectionReader.scalarText(node), !(isProgram && text.isEmpty) else {
            reader.collector.report("expected text, found \(node.kindText)", at: node.position, path: path)
            return nil
        }
        if text.isEmpty || SectionReader.text(node) == nil { return text }
        return reader.text(node, path: path, expected: "text")
    }

    /// Why nobody but whoever writes the configuration may set a variable; nil where one may.
    static func refusal(of name: String) -> String? {
        let isRefused =
            ["LD_", "PYTHON"].contains { name.hasPrefix($0) } || ["PATH", "BASH_ENV"].contains(name)
            || ["NASD_"].contains { name.hasPrefix($0) }
        return isRefused
            ? "expected a variable that decides nothing about which programs run, found '\(name.prefix(80))'" : nil
    }

    private static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    /// The command as entries that read back as the same.
    func resolve(into resolved: inout ResolvedEntries) {
        let path = "commands.\(name)"
        resolved.add("\(path).argv", plain: ResolvedEntries.list(argv))
        if !traces { resolved.add("\(path).trace", plain: "false") }
        if let directory { resolved.add("\(path).directory", quoted: directory) }
        resolved.add("\(path).slots", slots)
        resolved.add("\(path).deadline", deadline)
        for variable in environment { variable.resolve(into: &resolved, below: "\(path).environment") }
        if !permit.isEmpty { resolved.add("\(path).permit", plain: ResolvedEntries.list(permit)) }
    }

    /// The same command started in a folder where it names none, or names it relative to that.
    public func started(in folder: String) -> WorkerCommand {
        WorkerCommand(
            name: name, argv: argv, connects: connects, states: states, traces: traces,
            directory: directory.map { $0.hasPrefix("/") ? $0 : "\(folder)/\($0)" } ?? folder, slots: slots,
            deadline: deadline, environment: environment, permit: permit)
    }

    /// The same command within what a run asks of it.
    func limited(slots: Int?, deadline: Double?, environment own: [Variable]) -> WorkerCommand {
        WorkerCommand(
            name: name, argv: argv, connects: connects, states: states, traces: traces, directory: directory,
            slots: min(slots ?? self.slots, self.slots),
            deadline: min(deadline ?? self.deadline, self.deadline),
            environment: environment.filter { variable in !own.contains { $0.name == variable.name } } + own,
            permit: permit)
    }

    private init(
        name: String, argv: [String], connects: Bool, states: String?, traces: Bool, directory: String?, slots: Int,
        deadline: Double,
        environment: [Variable],
        permit: [String]
    ) {
        self.name = name
        self.argv = argv
        self.connects = connects
        self.states = states
        self.traces = traces
        self.directory = directory
        self.slots = slots
        self.deadline = deadline
        self.environment = environment
        self.permit = permit
    }
}

extension WorkerCommand.Variable {
    private static let most = 256

    /// The variables below a key of a document: a value, or a list of one for each slot in turn.
    static func all(_ section: SectionReader) -> [WorkerCommand.Variable] {
        section.keys(atMost: most, of: "variables").compactMap { name in
            let expected = "a value, or a list of one for each slot"
            guard let node = section.node(name, isRequired: true, expected: expected) else { return nil }
            let path = section.path(name)
            section.collector.note(path, .list(atLeastOne: true, atMost: WorkerCommand.mostSlots))
            if let fault = fault(of: name) {
                section.report(fault, key: name)
                return nil
            }
            guard case .sequence(let items) = node.content else {
                return WorkerCommand.value(node, section, path: path).map { Self(name: name, values: [$0]) }
            }
            guard (1...WorkerCommand.mostSlots).contains(items.count) else {
                section.report("expected 1 to \(WorkerCommand.mostSlots) values, found \(items.count)", key: name)
                return nil
            }
            let values = items.enumerated().compactMap {
                WorkerCommand.value($0.element, section, path: "\(path)[\($0.offset)]")
            }
            return values.count == items.count ? Self(name: name, values: values) : nil
        }
    }

    /// What is wrong with the name of a variable; nil when nothing is.
    static func fault(of name: String) -> String? {
        let isRight = name.utf8.enumerated().allSatisfy { place, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): place > 0
            default: false
            }
        }
        return isRight && (1...128).contains(name.utf8.count)
            ? nil : "expected the name of a variable, such as CUDA_VISIBLE_DEVICES, found '\(name.prefix(80))'"
    }

    func resolve(into resolved: inout ResolvedEntries, below path: String) {
        resolved.add("\(path).\(name)", plain: ResolvedEntries.list(values))
    }
}
