#include "app/runner.h"
#include "engine/core/error.h"
#include "engine/io/file.h"
#include "engine/io/json.h"
#include "engine/io/picture_difference.h"

#include <nlohmann/json.hpp>

#include <utility>

// Pictures that commands ask for: drawn by who can draw, once everything they show is there.
namespace splatscope {

void Runner::check_drawable() const {
    if (!options_.export_view && !options_.picture)
        throw hsa::Error(hsa::ErrorKind::renderer, "There is nothing here that can draw pictures.");
    if (!snapshot_->error.empty() && !snapshot_->dataset)
        throw hsa::Error(static_cast<hsa::ErrorKind>(snapshot_->error_code), snapshot_->error);
}

void Runner::draw_into(const PictureAsked& asked) {
    check_drawable();
    options_.export_view(asked);
}

hsa::PngImage Runner::picture_of(const PictureAsked& asked) {
    check_drawable();
    if (!options_.picture)
        throw hsa::Error(hsa::ErrorKind::renderer, "There is nothing here that can draw pixels.");
    return options_.picture(asked);
}

std::string Runner::copy_picture(const PictureAsked& asked) {
    if (!copy_picture_)
        hsa::fail(
            "view.copy_picture needs a window, whose clipboard it fills: start the program without "
            "--headless, or write a file with view.export.");
    const hsa::PngImage image = picture_of(asked);
    const std::size_t width = image.width, height = image.height;
    copy_picture_(hsa::write_png(image));
    return fmt::format("Copied a picture of {}: {} x {} pixels.", asked.view, width, height);
}

// The size is the reference's unless the words named one.
std::string Runner::compare_picture(PictureAsked asked, const PictureBound& bound) {
    const hsa::PngImage reference = hsa::read_png(bound.reference, hsa::read_file(bound.reference));
    if (!bound.sized) {
        const auto scale = static_cast<std::size_t>(asked.scale);
        if (reference.width % scale != 0 || reference.height % scale != 0)
            hsa::fail("view.compare {}: {} x {} pixels are no picture that x{} makes.",
                      bound.reference, reference.width, reference.height, asked.scale);
        asked.size = {static_cast<int>(reference.width / scale),
                      static_cast<int>(reference.height / scale)};
        check_picture(asked, "view.compare");
    }
    const hsa::PngImage drawn = picture_of(asked);
    if (!bound.drawn.empty())
        hsa::write_file(bound.drawn, hsa::write_png(drawn), hsa::Existing::replace);
    const auto differs = [&](const std::string& how) {
        return hsa::Error(hsa::ErrorKind::expectation,
                          fmt::format("view.compare {} {}: {}.", asked.view, bound.reference, how));
    };
    if (drawn.width != reference.width || drawn.height != reference.height)
        throw differs(fmt::format("the picture has {} x {} pixels, the reference {} x {}",
                                  drawn.width, drawn.height, reference.width, reference.height));
    const hsa::PictureDifference apart = hsa::picture_difference(drawn, reference);
    if (apart.mean > bound.mean || apart.largest > bound.largest)
        throw differs(fmt::format(
            "mean {:.3f} (at most {}), largest {:.1f} (at most {}) of 255 at pixel {}, {}",
            apart.mean, bound.mean, apart.largest, bound.largest, apart.x, apart.y));
    return hsa::json_text({{"command", "view.compare"},
                           {"version", 1},
                           {"mark", "exact"},
                           {"view", asked.view},
                           {"mean", apart.mean},
                           {"largest", apart.largest}});
}

}  // namespace splatscope
