#pragma once

#include "engine/io/png.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace hsa {

// One picture after another in one file: an animated WebP or GIF. Both need a library of the system
// that a build may lack.

struct AnimationOptions {
    int width = 0;  // pixels, of every frame; 1 .. 16383
    int height = 0;
    int delay_ms = 100;  // that a frame is shown, 10 .. 60,000; a GIF counts in hundredths
    int loops = 0;       // how often it is played; 0 = for ever
    double quality =
        0.0;  // of a WebP: 1 .. 100, what is lost is not seen; 0 = every pixel as it is
    bool transparent = false;  // pixels may be: of a GIF all or nothing, above one half
    std::string key;           // under it the file keeps ...
    std::string text;          // ... this, as a PNG does in its text chunks
};

class AnimationWriter {
  public:
    virtual ~AnimationWriter() = default;
    // Throws Error where a frame has another size than the options say or the library fails.
    virtual void add(const PngImage& frame) = 0;
    // The bytes of the file, the same for the same frames; nothing may be added any more. Throws
    // Error when there is no frame.
    [[nodiscard]] virtual std::string finish() = 0;
};

[[nodiscard]] bool writes_webp();
[[nodiscard]] bool writes_gif();
// Throw Error where the build has no library for it (the sentence says which) or an option is
// outside its range.
[[nodiscard]] std::unique_ptr<AnimationWriter> make_webp_writer(AnimationOptions options);
// At most 255 colours for all frames: their own where they are no more, else those that a cut of
// the colours at their medians gives. Frames hold what differs from the one before.
[[nodiscard]] std::unique_ptr<AnimationWriter> make_gif_writer(AnimationOptions options);

[[nodiscard]] bool looks_like_webp(std::string_view bytes);
[[nodiscard]] bool looks_like_gif(std::string_view bytes);
// The text of that key; nothing where the file has none or is not whole. Never throw, and need no
// library.
[[nodiscard]] std::optional<std::string> read_webp_text(std::string_view bytes,
                                                        std::string_view key);
[[nodiscard]] std::optional<std::string> read_gif_text(std::string_view bytes,
                                                       std::string_view key);

// Throws Error where the options are outside their ranges; `what` begins the sentence.
void check_animation(const AnimationOptions& options, std::string_view what);
void check_frame(const AnimationOptions& options, const PngImage& frame);

}  // namespace hsa
