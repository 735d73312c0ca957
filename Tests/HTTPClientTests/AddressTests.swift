import HTTPClient
import Testing

@Suite struct AddressTests {
    @Test(arguments: ["127.0.0.1", "0.0.0.0", "::1", "2001:db8::1", "fe80::1"]) func anAddressIsReadAndWritten(
        text: String
    ) {
        #expect(IPAddress(text)?.description == text)
    }

    @Test(arguments: ["", "1.2.3", "1.2.3.4.5", "localhost", "fe80::1%eth0", "[::1]", "1.2.3.256", "0x7f.0.0.1"])
    func anotherTextIsNoAddress(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func aMappedAddressIsTheOneThatItMeans() {
        #expect(IPAddress("::ffff:10.1.2.3")?.unmapped == IPAddress("10.1.2.3"))
        #expect(IPAddress("::1")?.unmapped == IPAddress("::1"))
    }

    @Test func aURLIsReadAsLibcurlReadsIt() throws {
        let url = try HTTPURL("HTTPS://user:password@Example.COM/hook?key=1#part")
        #expect(url.isSecure && url.host == "example.com" && url.port == 443)
        #expect(url.description.lowercased() == "https://example.com/hook")
        let literal = try HTTPURL("http://[2001:db8::1]:8080/")
        #expect(!literal.isSecure && literal.host == "2001:db8::1" && literal.port == 8080)
        #expect(try HTTPURL("http://0x7f.1/").host == "127.0.0.1")
    }
}
