import Testing

@testable import Daemon

/// Digests against the values that their standards give.
@Suite struct DigestTests {
    private func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    /// FIPS 180-4, examples of one block and of none.
    @Test func sha256() {
        #expect(
            hexadecimal(SHA256.hash("abc".utf8))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            hexadecimal(SHA256.hash([])) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    /// RFC 4231, test cases 1, 2, and 6 with a key that is longer than a block.
    @Test func authenticationCodes() {
        #expect(
            hexadecimal(SHA256.authenticationCode(of: "Hi There".utf8, key: [UInt8](repeating: 0x0b, count: 20)))
                == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
        #expect(
            hexadecimal(SHA256.authenticationCode(of: "what do ya want for nothing?".utf8, key: Array("Jefe".utf8)))
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(
            hexadecimal(
                SHA256.authenticationCode(
                    of: "Test Using Larger Than Block-Size Key - Hash Key First".utf8,
                    key: [UInt8](repeating: 0xaa, count: 131)))
                == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    }
}
