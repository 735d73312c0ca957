import Foundation
import HTTPClient
import TestSupport
import Testing

@Suite(.enabled(if: SelfSignedCertificate.isAvailable, "needs the openssl program")) struct TLSTests {
    @Test func aCertificateIsCheckedAgainstWhatIsTrusted() throws {
        try withDirectory { folder in
            let server = try #require(try TLSServer(folder: folder))
            var request = HTTPRequest(url: server.url, limits: HTTPClientTests.quick)
            let refused = HTTPClientTests.error(of: request)
            guard case .notTrusted = refused else { throw Unexpected(refused) }

            request.certificateAuthorityFile = server.certificate
            let client = HTTPClientTests.client()
            #expect(try client.send(request).head.status == 200)

            // The connection that stands was trusted by other rules than this request's.
            request.certificateAuthorityFile = nil
            #expect(throws: HTTPClientError.self) { try client.send(request) }

            request.url = server.url.replacing("127.0.0.1", with: "localhost")
            request.certificateAuthorityFile = server.certificate
            let otherName = HTTPClientTests.error(of: request)
            guard case .notTrusted = otherName else { throw Unexpected(otherName) }

            request.certificateAuthorityFile = folder + "/none.pem"
            let noFile = HTTPClientTests.error(of: request)
            guard case .notTrusted = noFile else { throw Unexpected(noFile) }
        }
    }

    @Test func aServerWithoutTLSIsNotTrusted() throws {
        try withServer { connection, _ in
            connection.answer(200)
        } _: { server in
            // The greeting of TLS is no request with an end: the server waits until the client gives up.
            let url = server.url.replacing("http:", with: "https:")
            let limits = HTTPLimits(totalMilliseconds: 300)
            #expect(HTTPClientTests.error(of: HTTPRequest(url: url, limits: limits)) != nil)
        }
    }
}
