#include "engine/io/run.h"

#include "engine/core/error.h"
#include "engine/core/hash.h"
#include "engine/io/bytes.h"
#include "engine/io/run_payload.h"

#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <new>

namespace hsa {
namespace {

constexpr int kCompression = 9;
constexpr std::size_t kHeaderBytes = 8 + 4 + 8;
constexpr std::size_t kHashBytes = 8;
constexpr std::uint64_t kHeadPiece = 1 << 16;

struct FreeStream {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
};

// Unpacks piece by piece: memory grows with what the frame really holds, never with what it claims.
// Stops once `enough` bytes are there.
std::string unpack(const std::string& path, std::string_view packed, std::uint64_t size,
                   std::uint64_t enough = std::numeric_limits<std::uint64_t>::max()) {
    const std::unique_ptr<ZSTD_DStream, FreeStream> stream(ZSTD_createDStream());
    if (!stream) fail("there is not enough memory to read {}", path);
    std::string out;
    std::string piece(ZSTD_DStreamOutSize(), '\0');
    ZSTD_inBuffer in{packed.data(), packed.size(), 0};
    std::size_t wanted = 1;
    while (wanted != 0) {
        ZSTD_outBuffer to{piece.data(), piece.size(), 0};
        wanted = ZSTD_decompressStream(stream.get(), &to, &in);
        if (ZSTD_isError(wanted) != 0) {
            fail("{}: damaged: it cannot be unpacked ({}); copy the file again", path,
                 ZSTD_getErrorName(wanted));
        }
        out.append(piece.data(), to.pos);
        if (out.size() > size) {
            fail(
                "{}: damaged: it unpacks to more than the {} bytes it promises; copy the file "
                "again",
                path, size);
        }
        if (out.size() >= enough) return out;
        if (to.pos == 0 && in.pos == in.size && wanted != 0) {
            fail("{}: truncated: its packed part ends too early; copy the file again", path);
        }
    }
    if (out.size() != size || in.pos != in.size) {
        fail("{}: damaged: it unpacks to {} bytes instead of {}; copy the file again", path,
             out.size(), size);
    }
    return out;
}

std::string pack(const std::string& payload) {
    std::string packed(ZSTD_compressBound(payload.size()), '\0');
    const std::size_t size =
        ZSTD_compress(packed.data(), packed.size(), payload.data(), payload.size(), kCompression);
    if (ZSTD_isError(size) != 0) {
        fault("the history could not be compressed: {}", ZSTD_getErrorName(size));
    }
    packed.resize(size);
    return packed;
}

struct Envelope {
    std::uint32_t version = 0;
    std::uint64_t unpacked_size = 0;
    std::string_view packed;
};

Envelope open_envelope(const std::string& path, std::string_view bytes) {
    if (bytes.substr(0, kRunMagic.size()) != kRunMagic) {
        fail("{}: not a .run file: its first bytes are others; expected one saved by run.save",
             path);
    }
    if (bytes.size() < kHeaderBytes + kHashBytes) {
        fail("{}: truncated: {} bytes are too few for a .run file; copy it again", path,
             bytes.size());
    }
    ByteReader header(path, "header", bytes.substr(kRunMagic.size()));
    Envelope envelope;
    envelope.version = header.get<std::uint32_t>();
    if (envelope.version == 0 || envelope.version > kRunVersion) {
        fail(
            "{}: .run version {}; this program reads versions 1 to {}: open it with the program "
            "that saved it",
            path, envelope.version, kRunVersion);
    }
    envelope.unpacked_size = header.get<std::uint64_t>();
    std::uint64_t stored = 0;
    std::memcpy(&stored, bytes.data() + bytes.size() - kHashBytes, kHashBytes);
    const std::string_view body = bytes.substr(0, bytes.size() - kHashBytes);
    if (hash_text(body) != stored) {
        fail(
            "{}: truncated or damaged: its checksum is not that of its {} bytes; copy the file "
            "again",
            path, bytes.size());
    }
    envelope.packed = body.substr(kHeaderBytes);
    return envelope;
}

}  // namespace

std::string write_run(const RunFile& run) {
    const std::string payload = encode_run(run);
    ByteWriter writer;
    writer.put_all(std::span<const char>(kRunMagic));
    writer.put(kRunVersion);
    writer.put<std::uint64_t>(payload.size());
    writer.put_all(std::span<const char>(pack(payload)));
    writer.put(hash_text(writer.bytes()));
    return writer.take();
}

RunFile read_run(const std::string& path, std::string_view bytes) {
    const Envelope envelope = open_envelope(path, bytes);
    try {
        return decode_run(path, unpack(path, envelope.packed, envelope.unpacked_size),
                          envelope.version);
    } catch (const std::bad_alloc&) {
        fail("{}: too large for the memory of this machine", path);
    }
}

RunHead read_run_head(const std::string& path, std::string_view bytes) {
    const Envelope envelope = open_envelope(path, bytes);
    // The head tells its own length only by being read: a first piece holds it unless there were
    // very many edits by hand.
    for (std::uint64_t enough = kHeadPiece;; enough *= 8) {
        const std::string begun = unpack(path, envelope.packed, envelope.unpacked_size, enough);
        try {
            return decode_run_head(path, begun);
        } catch (const Error&) {
            if (begun.size() == envelope.unpacked_size) throw;
        }
    }
}

}  // namespace hsa
