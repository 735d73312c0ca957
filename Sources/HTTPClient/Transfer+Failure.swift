internal import CCurl

extension Transfer {
    /// What the end of a transfer means; nil when it went well.
    func failure(_ code: CURLcode, reason: () -> String) -> HTTPClientError? {
        if code == CURLE_OK { return nil }
        if let stopped { return stopped }
        switch code {
        case CURLE_URL_MALFORMAT: return .invalidURL(url)
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_INTERFACE_FAILED:
            if let refusedAddress { return .addressNotPermitted(url: url, address: refusedAddress.description) }
            return .unreachable(url: url, reason: reason())
        case CURLE_OPERATION_TIMEDOUT: return .timedOut(url: url)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CRL_BADFILE, CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_SSL_ENGINE_INITFAILED:
            return .notTrusted(url: url, reason: reason())
        default: return .broken(url: url, reason: reason())
        }
    }
}
