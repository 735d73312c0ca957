internal import CCurl

/// A libcurl handle and how a request is set on it.
final class EasyHandle {
    let raw: UnsafeMutableRawPointer
    private let message = UnsafeMutableBufferPointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    private var fields: UnsafeMutablePointer<curl_slist>?
    private var failure = CURLE_OK

    init?() {
        guard let raw = curl_easy_init() else {
            message.deallocate()
            return nil
        }
        self.raw = raw
        message.initialize(repeating: 0)
    }

    deinit {
        curl_easy_cleanup(raw)
        curl_slist_free_all(fields)
        message.deallocate()
    }

    /// What libcurl says about the last failure, or what a code means in general.
    func reason(_ code: CURLcode) -> String {
        let bytes = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return bytes.isEmpty ? String(cString: curl_easy_strerror(code)) : String(decoding: bytes, as: UTF8.self)
    }

    /// Bytes that went either way so far, and whether the request was begun to be sent.
    var traffic: (bytes: Int64, hasStarted: Bool) {
        var header = 0
        var values: [curl_off_t] = [0, 0, 0]
        nasd_curl_get_long(raw, CURLINFO_HEADER_SIZE, &header)
        nasd_curl_get_offset(raw, CURLINFO_SIZE_DOWNLOAD_T, &values[0])
        nasd_curl_get_offset(raw, CURLINFO_SIZE_UPLOAD_T, &values[1])
        nasd_curl_get_offset(raw, CURLINFO_PRETRANSFER_TIME_T, &values[2])
        return (Int64(header) + Int64(values[0]) + Int64(values[1]), values[2] > 0)
    }

    /// Sets a request, and nothing of an earlier one.
    ///
    /// - Parameter context: What the callbacks get; it must stay alive until the transfer has ended.
    /// - Returns: The first failure.
    func set(_ request: HTTPRequest, userAgent: String, context: Transfer) -> CURLcode {
        curl_easy_reset(raw)
        failure = CURLE_OK
        message[0] = 0
        set(CURLOPT_ERRORBUFFER, pointer: message.baseAddress)
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_URL, request.url)
        set(CURLOPT_USERAGENT, userAgent)
        setBoundaries(request)
        setLimits(request.limits)
        setMessage(request)
        setCallbacks(context, asksForAddresses: request.permits != nil && request.unixSocket == nil)
        return failure
    }

    /// Where the request may go: nowhere but to its own address, and what is trusted there.
    private func setBoundaries(_ request: HTTPRequest) {
        check(nasd_curl_permit_http(raw))
        set(CURLOPT_PROXY, "")  // none, and none from the environment
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let file = request.certificateAuthorityFile {
            set(CURLOPT_CAINFO, file)
            set(CURLOPT_CAPATH, nil)
        }
        if let path = request.unixSocket { set(CURLOPT_UNIX_SOCKET_PATH, path) }
        if request.permits != nil {
            // A connection of an earlier request was permitted by other rules.
            set(CURLOPT_FRESH_CONNECT, 1)
            set(CURLOPT_FORBID_REUSE, 1)
        }
    }

    private func setLimits(_ limits: HTTPLimits) {
        check(nasd_curl_leave_lookups(raw))
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_CONNECTTIMEOUT_MS, max(1, limits.connectMilliseconds))
        if let total = limits.totalMilliseconds { set(CURLOPT_TIMEOUT_MS, max(1, total)) }
    }

    /// Method, header and body, with nothing that libcurl would add to a body.
    private func setMessage(_ request: HTTPRequest) {
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        if request.method == "HEAD" {
            set(CURLOPT_NOBODY, 1)
        } else if !request.body.isEmpty || ["POST", "PUT", "PATCH"].contains(request.method) {
            set(CURLOPT_POST, 1)
            check(nasd_curl_set_offset(raw, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count)))
            request.body.withUnsafeBytes { set(CURLOPT_COPYPOSTFIELDS, pointer: $0.baseAddress) }
            if request.body.isEmpty { set(CURLOPT_COPYPOSTFIELDS, "") }
        }
        set(CURLOPT_CUSTOMREQUEST, request.method)
        curl_slist_free_all(fields)
        fields = nil
        let given = Set(request.headers.map { $0.name.lowercased() })
        for name in ["Expect", "Content-Type"] where !given.contains(name.lowercased()) { append("\(name):") }
        for field in request.headers {
            append(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        check(nasd_curl_set_list(raw, fields))
    }

    private func append(_ line: String) {
        guard let longer = curl_slist_append(fields, line) else { return check(CURLE_OUT_OF_MEMORY) }
        fields = longer
    }

    private func setCallbacks(_ transfer: Transfer, asksForAddresses: Bool) {
        let context = UnsafeRawPointer(Unmanaged.passUnretained(transfer).toOpaque())
        for option in [CURLOPT_HEADERDATA, CURLOPT_WRITEDATA, CURLOPT_OPENSOCKETDATA] { set(option, pointer: context) }
        check(
            nasd_curl_set_data_callback(raw, CURLOPT_HEADERFUNCTION) { data, size, count, context in
                guard let data, let context else { return 0 }
                let line = UnsafeRawBufferPointer(start: data, count: size * count)
                return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().take(line: line) ? line.count : 0
            })
        check(
            nasd_curl_set_data_callback(raw, CURLOPT_WRITEFUNCTION) { data, size, count, context in
                guard let data, let context else { return 0 }
                let part = UnsafeRawBufferPointer(start: data, count: size * count)
                return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().take(body: part) ? part.count : 0
            })
        guard asksForAddresses else { return }
        check(
            nasd_curl_set_socket_callback(raw) { context, _, address in
                guard let context, let address else { return -1 }
                return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().open(address)
            })
    }

    private func set(_ option: CURLoption, _ value: Int) { check(nasd_curl_set_long(raw, option, value)) }

    private func set(_ option: CURLoption, _ value: String?) { check(nasd_curl_set_text(raw, option, value)) }

    private func set(_ option: CURLoption, pointer: UnsafeRawPointer?) {
        check(nasd_curl_set_pointer(raw, option, pointer))
    }

    private func check(_ code: CURLcode) {
        if failure == CURLE_OK { failure = code }
    }
}
