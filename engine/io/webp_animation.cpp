#include "engine/core/error.h"
#include "engine/io/animation.h"

#ifdef SPLATSCOPE_WEBP

#include "engine/io/vector_picture.h"

#include <webp/encode.h>
#include <webp/mux.h>

#include <utility>

namespace hsa {
namespace {

constexpr const char* kWhat = "an animated WebP";
constexpr int kLosslessLevel = 4;  // 0 quick .. 9 small; beyond, minutes win a few per cent

[[noreturn]] void fail_library(const char* why) {
    fail("the animated WebP cannot be written: {}; make it smaller or shorter", why);
}

struct FreeEncoder {
    void operator()(WebPAnimEncoder* encoder) const { WebPAnimEncoderDelete(encoder); }
};
struct FreeMux {
    void operator()(WebPMux* mux) const { WebPMuxDelete(mux); }
};

// Bytes that the library set aside.
struct Bytes {
    Bytes() { WebPDataInit(&data); }
    Bytes(const Bytes&) = delete;
    Bytes& operator=(const Bytes&) = delete;
    ~Bytes() { WebPDataClear(&data); }
    WebPData data{};
};

struct Picture {
    Picture() {
        if (WebPPictureInit(&picture) == 0) fail_library("its library is another version");
    }
    Picture(const Picture&) = delete;
    Picture& operator=(const Picture&) = delete;
    ~Picture() { WebPPictureFree(&picture); }
    WebPPicture picture{};
};

class WebpWriter : public AnimationWriter {
  public:
    explicit WebpWriter(AnimationOptions options) : options_(std::move(options)) {
        check_animation(options_, kWhat);
        WebPAnimEncoderOptions settings;
        if (WebPAnimEncoderOptionsInit(&settings) == 0 || WebPConfigInit(&config_) == 0)
            fail_library("its library is another version");
        settings.anim_params.loop_count = options_.loops;
        settings.anim_params.bgcolor = 0;
        encoder_.reset(WebPAnimEncoderNew(options_.width, options_.height, &settings));
        if (!encoder_) fail_library("there is not enough memory");
        if (options_.quality > 0.0) {
            config_.quality = static_cast<float>(options_.quality);
        } else {
            if (WebPConfigLosslessPreset(&config_, kLosslessLevel) == 0)
                fail_library("its library is another version");
            config_.exact = 1;
        }
        config_.thread_level = 0;
    }

    void add(const PngImage& frame) override {
        check_frame(options_, frame);
        Picture one;
        one.picture.use_argb = 1;
        one.picture.width = options_.width;
        one.picture.height = options_.height;
        if (WebPPictureImportRGBA(&one.picture, frame.rgba.data(), 4 * options_.width) == 0)
            fail_library("there is not enough memory");
        if (WebPAnimEncoderAdd(encoder_.get(), &one.picture, time_, &config_) == 0)
            fail_library(WebPAnimEncoderGetError(encoder_.get()));
        time_ += options_.delay_ms;
    }

    std::string finish() override {
        if (time_ == 0) fail("{} needs at least one frame", kWhat);
        Bytes frames;
        if (WebPAnimEncoderAdd(encoder_.get(), nullptr, time_, nullptr) == 0 ||
            WebPAnimEncoderAssemble(encoder_.get(), &frames.data) == 0)
            fail_library(WebPAnimEncoderGetError(encoder_.get()));
        const std::unique_ptr<WebPMux, FreeMux> mux(WebPMuxCreate(&frames.data, 0));
        const std::string told = "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">" +
                                 svg_metadata(options_.key, options_.text) + "</x:xmpmeta>";
        const WebPData chunk{reinterpret_cast<const std::uint8_t*>(told.data()), told.size()};
        Bytes whole;
        if (!mux || WebPMuxSetChunk(mux.get(), "XMP ", &chunk, 1) != WEBP_MUX_OK ||
            WebPMuxAssemble(mux.get(), &whole.data) != WEBP_MUX_OK)
            fail_library("there is not enough memory");
        return {reinterpret_cast<const char*>(whole.data.bytes), whole.data.size};
    }

  private:
    AnimationOptions options_;
    WebPConfig config_{};
    std::unique_ptr<WebPAnimEncoder, FreeEncoder> encoder_;
    int time_ = 0;  // milliseconds
};

}  // namespace

bool writes_webp() { return true; }

std::unique_ptr<AnimationWriter> make_webp_writer(AnimationOptions options) {
    return std::make_unique<WebpWriter>(std::move(options));
}

}  // namespace hsa

#else

namespace hsa {

bool writes_webp() { return false; }

std::unique_ptr<AnimationWriter> make_webp_writer(AnimationOptions) {
    fail(
        "this build writes no animated WebP: install libwebp-dev and build again, or write "
        "numbered "
        "pictures (PATH_%04d.png)");
}

}  // namespace hsa

#endif
