internal import COpenSSL
internal import NIOCore

/// The server's side of one TLS connection, in memory: what the peer sends goes in, what is to be sent to it comes out.
///
/// Used on the event loop of its connection alone.
final class TLSSession {
    private let connection: OpaquePointer
    private let input: OpaquePointer
    private let output: OpaquePointer
    private let handshakeMessageCount: UnsafeMutablePointer<Int>
    /// Whether the peer has said that it sends no more.
    private(set) var hasPeerEnded = false
    /// Messages of the peer about the connection itself: the handshake, and whatever it asks for anew.
    var handshakeMessages: Int { handshakeMessageCount.pointee }

    /// Begins a connection; nil where there is no memory for it.
    init?(_ identity: TLSIdentity) {
        guard let connection = identity.makeConnection() else { return nil }
        let room = (BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()))
        guard let input = room.0, let output = room.1 else {
            BIO_free(room.0)
            BIO_free(room.1)
            SSL_free(connection)
            return nil
        }
        // The connection owns both from here on.
        SSL_set_bio(connection, input, output)
        SSL_set_accept_state(connection)
        (self.connection, self.input, self.output) = (connection, input, output)
        handshakeMessageCount = .allocate(capacity: 1)
        handshakeMessageCount.initialize(to: 0)
        nasd_count_handshake_messages(connection, handshakeMessageCount)
    }

    deinit {
        SSL_free(connection)
        handshakeMessageCount.deallocate()
    }

    /// Takes bytes from the peer.
    func receive(_ bytes: ByteBuffer) throws(TLSFailure) {
        let isTaken = bytes.withUnsafeReadableBytes { bytes in
            BIO_write(input, bytes.baseAddress, Int32(clamping: bytes.count)) == bytes.count
        }
        guard isTaken else { throw .ofLibrary() }
    }

    /// Goes on with the handshake as far as what was received allows.
    ///
    /// - Returns: Whether it is complete.
    func shakeHands() throws(TLSFailure) -> Bool {
        ERR_clear_error()
        let result = SSL_do_handshake(connection)
        if result == 1 { return true }
        guard SSL_get_error(connection, result) == SSL_ERROR_WANT_READ else { throw .ofLibrary() }
        return false
    }

    /// The next part of what the peer says, at most a record of it; nil until more is received, or after its end.
    func read(allocator: ByteBufferAllocator) throws(TLSFailure) -> ByteBuffer? {
        let (part, result) = withUnsafeTemporaryAllocation(byteCount: Self.recordBytes, alignment: 16) { room in
            ERR_clear_error()
            let count = SSL_read(connection, room.baseAddress, Int32(room.count))
            return (count > 0 ? allocator.buffer(bytes: room.prefix(Int(count))) : nil, count)
        }
        if let part { return part }
        switch SSL_get_error(connection, result) {
        case SSL_ERROR_WANT_READ: return nil
        case SSL_ERROR_ZERO_RETURN:
            hasPeerEnded = true
            return nil
        default: throw .ofLibrary()
        }
    }

    /// What is sent to the peer so that it reads some bytes.
    func encrypted(_ bytes: ByteBuffer, allocator: ByteBufferAllocator) throws(TLSFailure) -> ByteBuffer {
        var result = allocator.buffer(capacity: bytes.readableBytes + Self.overheadBytes)
        var rest = bytes
        // Record by record, so that no more than one of them waits in the library's memory.
        while let part = rest.readSlice(length: min(Self.recordBytes, rest.readableBytes)), part.readableBytes > 0 {
            let count = part.withUnsafeReadableBytes { bytes in
                ERR_clear_error()
                return Int(SSL_write(connection, bytes.baseAddress, Int32(bytes.count)))
            }
            guard count == part.readableBytes else { throw .ofLibrary() }
            takeOutput(into: &result)
        }
        return result
    }

    /// Says goodbye to the peer, whose answer nobody waits for.
    func end() {
        ERR_clear_error()
        _ = SSL_shutdown(connection)
        ERR_clear_error()
    }

    /// What the library itself has to say to the peer; nil where that is nothing.
    func takeOutput(allocator: ByteBufferAllocator) -> ByteBuffer? {
        guard BIO_ctrl_pending(output) > 0 else { return nil }
        var bytes = allocator.buffer(capacity: BIO_ctrl_pending(output))
        takeOutput(into: &bytes)
        return bytes
    }

    private func takeOutput(into bytes: inout ByteBuffer) {
        let count = BIO_ctrl_pending(output)
        bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { room in
            max(0, Int(BIO_read(output, room.baseAddress, Int32(clamping: count))))
        }
    }

    /// The most that one record says.
    private static let recordBytes = 16_384
    /// What encryption adds to a record, at most.
    private static let overheadBytes = 256
}
