/// One frozen step of the schema: plain SQL that knows no type of the program.
struct Migration: Sendable {
    /// The schema version after it.
    let version: Int
    /// The statements.
    let sql: String

    /// Every step, oldest first.
    static let all = [
        Migration(version: 1, sql: SchemaV1.sql), Migration(version: 2, sql: SchemaV2.sql),
        Migration(version: 3, sql: SchemaV3.sql), Migration(version: 4, sql: SchemaV4.sql),
        Migration(version: 5, sql: SchemaV5.sql),
    ]

    /// Written into the file's header, so that a foreign file is recognised: "nasd" in ASCII.
    static let applicationID = 0x6e61_7364
}
