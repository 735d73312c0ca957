import API
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOPosix
import Store
import Testing

@testable import Daemon

/// The description of the API is the router's: neither can have a route that the other lacks.
@Suite struct RouteTests {
    @Test func theDescriptionIsTheRouters() async throws {
        let folder = "/tmp/nasd-\(UUID().uuidString.prefix(12))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let configuration = try await DaemonConfiguration.load(
            file: nil, flags: ["dataDirectory": folder, "socket": folder + "/s"], environment: [:])
        let core = try DaemonCore(
            configuration, renewable: RenewableSettings(configuration, logLevel: SharedLogLevel(.info)),
            log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        let routed = Set(HTTPService.router(core).routes.map { "\($0.method.rawValue) \($0.path)" })
        let described = Set(RouteTable.all.map { "\($0.method) \($0.path)" })
        #expect(routed == described)
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(OpenAPI.json.utf8)) as? [String: Any])
        let paths = try #require(document["paths"] as? [String: [String: Any]])
        #expect(
            Set(paths.flatMap { path, methods in methods.keys.map { "\($0.uppercased()) \(path)" } }) == described)
        try core.store.close()
        await core.stopLanes()
    }

    /// Every schema that is referred to is there.
    @Test func everyReferenceLeadsSomewhere() throws {
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(OpenAPI.json.utf8)) as? [String: Any])
        let components = try #require(document["components"] as? [String: Any])
        let schemas = try #require(components["schemas"] as? [String: Any])
        let names = OpenAPI.json.matches(of: /#\/components\/schemas\/(\w+)/).map { String($0.1) }
        #expect(names.count > 40)
        for name in names { #expect(schemas[name] != nil, "\(name)") }
        #expect(Set(RouteTable.all.map(\.name)).count == RouteTable.all.count)
    }

    @Test func methodsOfAPath() {
        #expect(RouteTable.methods(of: "/v1/runs") == ["GET", "POST"])
        #expect(Set(RouteTable.methods(of: "/v1/runs/abc")) == ["GET", "PATCH", "DELETE"])
        #expect(RouteTable.methods(of: "/v1/runs/abc/nothing").isEmpty && RouteTable.methods(of: "/v1/runs/").isEmpty)
    }
}
