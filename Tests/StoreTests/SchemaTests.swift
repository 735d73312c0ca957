import GRDB
import Testing

@testable import Store

@Suite struct SchemaTests {
    let scene = Scene()

    /// The stored definitions, in the order of their making, are those that were frozen.
    @Test func versionOneIsFrozen() throws {
        let store = try scene.open()
        let stored = try store.writer.read {
            try String.fetchAll($0, sql: "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")
        }
        let text = stored.map { $0 + ";" }.joined(separator: "\n")
        let frozen = frozenSchema1.split(separator: "\n", omittingEmptySubsequences: true).joined(separator: "\n")
        #expect(text == frozen)
    }

    @Test func statesAndTypesAreThoseOfTheProgram() {
        for state in RunState.allCases { #expect(SchemaV1.sql.contains("'\(state.rawValue)'")) }
        for type in EventType.allCases { #expect(SchemaV1.sql.contains("'\(type.rawValue)'")) }
    }
}
