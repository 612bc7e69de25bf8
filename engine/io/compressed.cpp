#include "engine/io/compressed.h"

#include "engine/core/error.h"
#include "engine/io/grown_bytes.h"
#include "engine/io/open.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <span>

namespace hsa {
namespace {

constexpr std::uint64_t kMegabyte = std::uint64_t{1} << 20U;
constexpr std::uint64_t kRatio = 1000;
constexpr std::uint64_t kAlways = 256 * kMegabyte;
constexpr std::uint64_t kNever = std::uint64_t{16} * 1024 * kMegabyte;
constexpr std::string_view kGzip = "\x1F\x8B\x08";
constexpr std::string_view kZstd = "\x28\xB5\x2F\xFD";

// A frame that holds something of another program's, to be skipped: 50 to 5F 2A 4D 18.
bool is_skippable(std::string_view bytes) {
    return bytes.size() >= 4 && (static_cast<unsigned char>(bytes[0]) & 0xF0U) == 0x50U &&
           bytes.substr(1, 3) == "\x2A\x4D\x18";
}

// How unpacking some input ended.
enum class Step : std::uint8_t { more, member_end, damaged };

// Unpacks one member after another, piece by piece.
class Unpacker {
  public:
    Unpacker() = default;
    virtual ~Unpacker() = default;
    Unpacker(const Unpacker&) = delete;
    Unpacker& operator=(const Unpacker&) = delete;

    // Takes from `in` and writes to the front of `out`; both lose what was used.
    virtual Step run(std::string_view& in, std::span<char>& out) = 0;
    virtual void next_member() = 0;
    [[nodiscard]] virtual std::string complaint() const = 0;
};

class Gzip : public Unpacker {
  public:
    Gzip() {
        constexpr int kWindowAndGzip = 15 + 16;
        if (inflateInit2(&stream_, kWindowAndGzip) != Z_OK) throw std::bad_alloc();
    }
    ~Gzip() override { inflateEnd(&stream_); }
    Gzip(const Gzip&) = delete;
    Gzip& operator=(const Gzip&) = delete;

    Step run(std::string_view& in, std::span<char>& out) override {
        // zlib counts in 32 bits.
        const std::size_t most = std::size_t{1} << 30U;
        const auto give = static_cast<uInt>(std::min(in.size(), most));
        const auto room = static_cast<uInt>(std::min(out.size(), most));
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
        stream_.avail_in = give;
        stream_.next_out = reinterpret_cast<Bytef*>(out.data());
        stream_.avail_out = room;
        const int result = inflate(&stream_, Z_NO_FLUSH);
        in.remove_prefix(give - stream_.avail_in);
        out = out.subspan(room - stream_.avail_out);
        if (result == Z_STREAM_END) return Step::member_end;
        if (result == Z_MEM_ERROR) throw std::bad_alloc();
        return result == Z_OK || result == Z_BUF_ERROR ? Step::more : Step::damaged;
    }
    void next_member() override { inflateReset(&stream_); }
    [[nodiscard]] std::string complaint() const override {
        return stream_.msg != nullptr ? stream_.msg : "not deflated data";
    }

  private:
    z_stream stream_{};
};

class Zstd : public Unpacker {
  public:
    Zstd() : context_(ZSTD_createDStream()) {
        if (!context_) throw std::bad_alloc();
    }

    Step run(std::string_view& in, std::span<char>& out) override {
        ZSTD_inBuffer input{in.data(), in.size(), 0};
        ZSTD_outBuffer output{out.data(), out.size(), 0};
        const std::size_t left = ZSTD_decompressStream(context_.get(), &output, &input);
        in.remove_prefix(input.pos);
        out = out.subspan(output.pos);
        if (ZSTD_isError(left) != 0) {
            complaint_ = ZSTD_getErrorName(left);
            return Step::damaged;
        }
        return left == 0 ? Step::member_end : Step::more;
    }
    void next_member() override {}
    [[nodiscard]] std::string complaint() const override { return complaint_; }

  private:
    struct Free {
        void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
    };
    std::unique_ptr<ZSTD_DStream, Free> context_;
    std::string complaint_;
};

std::unique_ptr<Unpacker> unpacker_of(Compression kind) {
    if (kind == Compression::gzip) return std::make_unique<Gzip>();
    return std::make_unique<Zstd>();
}

const char* name_of(Compression kind) { return kind == Compression::gzip ? ".gz" : ".zst"; }

// Some programs fill up the last block with zeros.
bool all_zero(std::string_view bytes) {
    return bytes.find_first_not_of('\0') == std::string_view::npos;
}

std::string unpack_all(const std::string& path, std::string_view bytes, Compression kind,
                       std::uint64_t limit) {
    const std::unique_ptr<Unpacker> unpacker = unpacker_of(kind);
    constexpr std::uint64_t kLeast = std::uint64_t{1} << 18U;
    constexpr std::uint64_t kUsualRatio = 4;
    GrownBytes content(std::max(kLeast, kUsualRatio * bytes.size()), limit);
    std::string_view in = bytes;
    for (;;) {
        std::span<char> out = content.room();
        const std::size_t room = out.size();
        const std::size_t before = in.size();
        const Step step = unpacker->run(in, out);
        content.add(room - out.size());
        if (content.used() > limit)
            fail(
                "{}: it unpacks to more than {}, {} times its own size: files unpack to at most "
                "1,000 times their size (256 MB are always allowed) and to no more than 16 GB; "
                "unpack it yourself if it is no mistake",
                path, size_text(limit), content.used() / std::max<std::size_t>(bytes.size(), 1));
        if (step == Step::damaged)
            fail("{}: damaged {} file at byte {} ({}); copy or download it again", path,
                 name_of(kind), bytes.size() - in.size(), unpacker->complaint());
        if (step == Step::member_end) {
            if (in.empty() || all_zero(in)) break;
            if (compression_of(in) != kind)
                fail(
                    "{}: {} bytes that are no {} data follow its end at byte {}; copy or download "
                    "it again",
                    path, in.size(), name_of(kind), bytes.size() - in.size());
            unpacker->next_member();
            continue;
        }
        const bool moved = in.size() != before || out.size() != room;
        if (in.empty() && !(moved && out.empty()))
            fail(
                "{}: truncated: the {} data end after {} bytes, {} unpacked, in the middle of "
                "their content; copy or download it again",
                path, name_of(kind), bytes.size(), content.used());
        if (!moved)
            fail("{}: damaged {} file at byte {}; copy or download it again", path, name_of(kind),
                 bytes.size() - in.size());
    }
    if (content.used() == 0) fail("{}: nothing is in this {} file", path, name_of(kind));
    return content.take();
}

}  // namespace

Compression compression_of(std::string_view bytes) {
    if (bytes.starts_with(kGzip)) return Compression::gzip;
    if (bytes.starts_with(kZstd) || is_skippable(bytes)) return Compression::zstd;
    return Compression::none;
}

std::uint64_t unpacked_limit(std::uint64_t packed) {
    if (packed > kNever / kRatio) return kNever;
    return std::clamp(packed * kRatio, kAlways, kNever);
}

std::string unpack(const std::string& path, std::string_view bytes) {
    return unpack(path, bytes, unpacked_limit(bytes.size()));
}

std::string unpack(const std::string& path, std::string_view bytes, std::uint64_t limit) {
    const Compression kind = compression_of(bytes);
    if (kind == Compression::none) fail("{}: this is neither a .gz nor a .zst file", path);
    try {
        return unpack_all(path, bytes, kind, limit);
    } catch (const std::bad_alloc&) {
        fail("{}: too large for the memory of this machine once unpacked; open a smaller file",
             path);
    }
}

std::string unpack_beginning(std::string_view bytes, std::size_t most) {
    const Compression kind = compression_of(bytes);
    if (kind == Compression::none) return {};
    const std::unique_ptr<Unpacker> unpacker = unpacker_of(kind);
    std::string content(most, '\0');
    std::span<char> out(content);
    while (!out.empty() && !bytes.empty()) {
        const std::size_t before = bytes.size() + out.size();
        const Step step = unpacker->run(bytes, out);
        if (step == Step::damaged || bytes.size() + out.size() == before) break;
        if (step == Step::member_end) {
            if (compression_of(bytes) != kind) break;
            unpacker->next_member();
        }
    }
    content.resize(most - out.size());
    return content;
}

std::string without_packed_ending(const std::string& path) {
    constexpr std::array<std::string_view, 4> kEndings = {".gz", ".zst", ".GZ", ".ZST"};
    for (const std::string_view ending : kEndings)
        if (path.size() > ending.size() && path.ends_with(ending))
            return path.substr(0, path.size() - ending.size());
    return path;
}

}  // namespace hsa
