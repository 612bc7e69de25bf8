#include "engine/core/error.h"
#include "engine/io/animation.h"

#ifdef SPLATSCOPE_GIF

#include "engine/io/colour_cut.h"
#include "engine/io/vector_picture.h"

#include <gif_lib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

namespace hsa {
namespace {

constexpr const char* kWhat = "an animated GIF";
constexpr std::size_t kColours = 255;
constexpr int kNothing = 255;                  // the index that shows what was there before
constexpr std::uint32_t kClear = 0xff000000U;  // beside the colours 0xRRGGBB

[[noreturn]] void fail_library(int error) {
    const char* why = GifErrorString(error);
    fail("the animated GIF cannot be written: {}; make it smaller or shorter",
         why != nullptr ? why : "its library failed");
}

using Frame = std::vector<std::uint32_t>;  // 0xRRGGBB, or kClear

struct FreeMap {
    void operator()(ColorMapObject* map) const { GifFreeMapObject(map); }
};

// The library's file over a string.
class Wire {
  public:
    Wire() {
        int error = 0;
        gif_ = EGifOpen(
            &out_,
            [](GifFileType* gif, const GifByteType* bytes, int count) {
                static_cast<std::string*>(gif->UserData)
                    ->append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count));
                return count;
            },
            &error);
        if (gif_ == nullptr) fail_library(error);
    }
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;
    ~Wire() {
        if (gif_ != nullptr) EGifCloseFile(gif_, nullptr);
    }
    void check(int result) const {
        if (result == GIF_ERROR) fail_library(gif_->Error);
    }
    [[nodiscard]] GifFileType* get() const { return gif_; }
    std::string finish() {
        int error = 0;
        if (EGifCloseFile(std::exchange(gif_, nullptr), &error) == GIF_ERROR) fail_library(error);
        return std::move(out_);
    }

  private:
    std::string out_;
    GifFileType* gif_ = nullptr;
};

struct Part {
    std::size_t left = 0, top = 0, width = 1, height = 1;
};

class GifWriter : public AnimationWriter {
  public:
    explicit GifWriter(AnimationOptions options) : options_(std::move(options)) {
        check_animation(options_, kWhat);
    }

    // The palette is that of all frames: until the last they wait, packed.
    void add(const PngImage& frame) override {
        check_frame(options_, frame);
        Frame colours(frame.width * frame.height);
        for (std::size_t i = 0; i < colours.size(); ++i) {
            const std::uint8_t* pixel = &frame.rgba[4 * i];
            colours[i] = options_.transparent && pixel[3] < 128
                             ? kClear
                             : static_cast<std::uint32_t>(pixel[0]) << 16U |
                                   static_cast<std::uint32_t>(pixel[1]) << 8U | pixel[2];
        }
        for (std::size_t begin = 0; begin < colours.size();) {
            std::size_t end = begin + 1;
            while (end < colours.size() && colours[end] == colours[begin]) ++end;
            if (colours[begin] != kClear) cut_.count(colours[begin], end - begin);
            begin = end;
        }
        const std::size_t bytes = colours.size() * sizeof(colours[0]);
        std::string packed(ZSTD_compressBound(bytes), '\0');
        const std::size_t used =
            ZSTD_compress(packed.data(), packed.size(), colours.data(), bytes, 1);
        if (ZSTD_isError(used) != 0U) fail_library(E_GIF_ERR_NOT_ENOUGH_MEM);
        packed.resize(used);
        packed.shrink_to_fit();
        frames_.push_back(std::move(packed));
    }

    std::string finish() override {
        if (frames_.empty()) fail("{} needs at least one frame", kWhat);
        const std::vector<PaletteColour> palette = cut_.palette(kColours);
        NearestColour nearest(palette);
        Wire wire;
        begin(wire, palette);
        Frame before;
        for (const std::string& packed : frames_) {
            Frame frame(pixels());
            const std::size_t bytes = frame.size() * sizeof(frame[0]);
            if (ZSTD_decompress(frame.data(), bytes, packed.data(), packed.size()) != bytes)
                fault("a frame of {} does not unpack", kWhat);
            write(wire, frame, before, nearest);
            before = std::move(frame);
        }
        return wire.finish();
    }

  private:
    [[nodiscard]] std::size_t width() const { return static_cast<std::size_t>(options_.width); }
    [[nodiscard]] std::size_t height() const { return static_cast<std::size_t>(options_.height); }
    [[nodiscard]] std::size_t pixels() const { return width() * height(); }

    void begin(const Wire& wire, const std::vector<PaletteColour>& palette) const {
        std::array<GifColorType, 256> colours{};
        for (std::size_t i = 0; i < palette.size(); ++i)
            colours[i] = {palette[i].r, palette[i].g, palette[i].b};
        const std::unique_ptr<ColorMapObject, FreeMap> map(
            GifMakeMapObject(static_cast<int>(colours.size()), colours.data()));
        if (!map) fail_library(E_GIF_ERR_NOT_ENOUGH_MEM);
        EGifSetGifVersion(wire.get(), true);
        wire.check(
            EGifPutScreenDesc(wire.get(), options_.width, options_.height, 8, kNothing, map.get()));
        if (options_.loops != 1) {
            // It counts what follows the first time.
            const int again = options_.loops == 0 ? 0 : options_.loops - 1;
            const std::array<GifByteType, 3> loop = {1, static_cast<GifByteType>(again & 0xff),
                                                     static_cast<GifByteType>(again >> 8)};
            wire.check(EGifPutExtensionLeader(wire.get(), APPLICATION_EXT_FUNC_CODE));
            wire.check(EGifPutExtensionBlock(wire.get(), 11, "NETSCAPE2.0"));
            wire.check(EGifPutExtensionBlock(wire.get(), 3, loop.data()));
            wire.check(EGifPutExtensionTrailer(wire.get()));
        }
        wire.check(EGifPutComment(wire.get(), pdf_keywords(options_.key, options_.text).c_str()));
    }

    // The smallest rectangle that holds what differs.
    [[nodiscard]] Part changed(const Frame& frame, const Frame& before) const {
        if (before.empty() || options_.transparent) return {0, 0, width(), height()};
        std::size_t left = width(), right = 0, top = height(), bottom = 0;
        for (std::size_t y = 0; y < height(); ++y)
            for (std::size_t x = 0; x < width(); ++x) {
                if (frame[y * width() + x] == before[y * width() + x]) continue;
                left = std::min(left, x);
                right = std::max(right, x + 1);
                top = std::min(top, y);
                bottom = y + 1;
            }
        if (right == 0) return {};
        return {left, top, right - left, bottom - top};
    }

    void write(const Wire& wire, const Frame& frame, const Frame& before,
               NearestColour& nearest) const {
        const Part part = changed(frame, before);
        GraphicsControlBlock control{};
        control.DisposalMode = options_.transparent ? DISPOSE_BACKGROUND : DISPOSE_DO_NOT;
        control.DelayTime = (options_.delay_ms + 5) / 10;
        control.TransparentColor =
            options_.transparent || !before.empty() ? kNothing : NO_TRANSPARENT_COLOR;
        std::array<GifByteType, 4> bytes{};
        EGifGCBToExtension(&control, bytes.data());
        wire.check(EGifPutExtension(wire.get(), GRAPHICS_EXT_FUNC_CODE,
                                    static_cast<int>(bytes.size()), bytes.data()));
        wire.check(EGifPutImageDesc(wire.get(), static_cast<int>(part.left),
                                    static_cast<int>(part.top), static_cast<int>(part.width),
                                    static_cast<int>(part.height), false, nullptr));
        std::vector<GifPixelType> line(part.width);
        std::uint32_t last = kClear;
        GifPixelType last_index = kNothing;
        for (std::size_t y = part.top; y < part.top + part.height; ++y) {
            for (std::size_t x = 0; x < part.width; ++x) {
                const std::size_t at = y * width() + part.left + x;
                const bool same =
                    !options_.transparent && !before.empty() && frame[at] == before[at];
                if (!same && frame[at] != last) {
                    last = frame[at];
                    last_index = last == kClear ? GifPixelType{kNothing} : nearest(last);
                }
                line[x] = same ? GifPixelType{kNothing} : last_index;
            }
            wire.check(EGifPutLine(wire.get(), line.data(), static_cast<int>(line.size())));
        }
    }

    AnimationOptions options_;
    ColourCut cut_;
    std::vector<std::string> frames_;
};

}  // namespace

bool writes_gif() { return true; }

std::unique_ptr<AnimationWriter> make_gif_writer(AnimationOptions options) {
    return std::make_unique<GifWriter>(std::move(options));
}

}  // namespace hsa

#else

namespace hsa {

bool writes_gif() { return false; }

std::unique_ptr<AnimationWriter> make_gif_writer(AnimationOptions) {
    fail(
        "this build writes no animated GIF: install libgif-dev and build again, or write numbered "
        "pictures (PATH_%04d.png)");
}

}  // namespace hsa

#endif
