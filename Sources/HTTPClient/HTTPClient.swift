internal import CCurl

/// Requests over libcurl, on the calling thread; connections are kept between the requests of one client.
///
/// No proxy from the environment, no redirects, no other protocol than http and https.
public final class HTTPClient {
    /// Creates a client without connections. One thread at a time may use it.
    public init() {
        _ = nasd_curl_get_long
    }
}
