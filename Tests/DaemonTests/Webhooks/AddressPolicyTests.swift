import HTTPClient
import Testing

@testable import Daemon

@Suite struct AddressPolicyTests {
    static let refused = [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.0.1",
        "169.254.169.254",
        "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
        "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::127.0.0.1",
        "64:ff9b:1::808:808", "100::1", "2001::1", "2001:10::1", "2001:db8::1", "2002:a00:1::1", "2002:7f00:1::",
        "3fff::1", "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1",
    ]
    static let open = [
        "1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.255.255", "172.32.0.1", "192.0.1.1",
        "198.17.0.1",
        "198.20.0.1", "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
        "2002:808:808::1", "2001:4860:4860::8888",
    ]

    @Test(arguments: refused) func anAddressThatIsNotPublicIsRefused(text: String) throws {
        let address = try #require(IPAddress(text))
        let host = try HTTPURL("https://example.org/")
        #expect(!address.isPublic && !AddressPolicy.publicOnly.permits(address, of: host))
        let url = text.contains(":") ? "https://[\(text)]/" : "https://\(text)/"
        #expect(throws: WebhookError.self) { try AddressPolicy.publicOnly.check(url: url) }
    }

    @Test(arguments: open) func aPublicAddressIsPermittedOverHTTPS(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.isPublic)
        #expect(try AddressPolicy.publicOnly.permits(address, of: HTTPURL("https://example.org/")))
        #expect(try !AddressPolicy.publicOnly.permits(address, of: HTTPURL("http://example.org/")))
    }

    @Test func theListPermitsMore() throws {
        let policy = try AddressPolicy(allow: ["Hooks.Internal", "10.1.0.0/16", "192.168.7.7", "fd00::/8"])
        func permits(_ address: String, _ url: String) throws -> Bool {
            policy.permits(try #require(IPAddress(address)), of: try HTTPURL(url))
        }
        #expect(try permits("10.1.2.3", "https://a.example/"))
        #expect(try permits("::ffff:10.1.2.3", "http://a.example/"))
        #expect(try permits("192.168.7.7", "http://a.example/"))
        #expect(try permits("fd12::1", "https://a.example/"))
        #expect(try permits("172.16.0.1", "http://hooks.internal:8080/"))
        #expect(try !permits("10.2.0.1", "https://a.example/"))
        #expect(try !permits("192.168.7.8", "https://a.example/"))
        #expect(try !permits("8.8.8.8", "http://a.example/"))
        #expect(try !permits("172.16.0.1", "http://hooks.internal.evil.example/"))
    }

    @Test func aFaultyAddressIsToldBeforeAnythingIsSent() throws {
        let none = AddressPolicy.publicOnly
        #expect(throws: Never.self) { try none.check(url: "https://example.org/hook") }
        #expect(throws: WebhookError.insecureAddress(url: "http://example.org/")) {
            try none.check(url: "http://example.org/")
        }
        #expect(throws: WebhookError.addressNotPermitted(url: "https://127.0.0.1/", address: "127.0.0.1")) {
            try none.check(url: "https://0x7f.1/")
        }
        #expect(throws: WebhookError.malformedAddress("file:///x")) { try none.check(url: "file:///x") }
        let network = try AddressPolicy(allow: ["10.0.0.0/8"])
        #expect(throws: Never.self) { try network.check(url: "http://10.1.1.1:80/") }
        #expect(throws: Never.self) { try network.check(url: "http://may.resolve.into.it/") }
        #expect(throws: WebhookError.self) { try network.check(url: "http://11.1.1.1:80/") }
    }

    @Test func aRunOnThisMachineMayTellThisMachine() throws {
        let policy = AddressPolicy.publicOnly.permittingLoopback
        for url in ["http://localhost:1/", "http://127.0.0.1:1/", "http://[::1]:1/"] {
            #expect(throws: Never.self) { try policy.check(url: url) }
        }
        #expect(throws: WebhookError.self) { try policy.check(url: "http://10.0.0.1/") }
    }

    @Test(arguments: [
        "", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0/8", "1.2.3.456", "a b", "https://a", "a/8", "*",
    ])
    func anEntryThatIsNeitherHostNorNetworkIsRefused(entry: String) {
        #expect(throws: WebhookError.malformedAllowance(entry: entry)) { try AddressPolicy(allow: [entry]) }
    }

    @Test func bitsOfANetworkAreCompared() throws {
        let range = try #require(AddressRange("10.128.0.0/9"))
        #expect(
            range.contains(IPAddress(bytes: [10, 255, 0, 1])) && !range.contains(IPAddress(bytes: [10, 127, 0, 1])))
        let all = try #require(AddressRange("0.0.0.0/0"))
        #expect(
            all.contains(IPAddress(bytes: [1, 2, 3, 4]))
                && !all.contains(IPAddress(bytes: [UInt8](repeating: 0, count: 16))))
    }
}
