#pragma once

#include "engine/core/matrix.h"
#include "engine/core/work.h"
#include "engine/engine.h"
#include "engine/fit/head_numbers.h"
#include "engine/head_fits.h"
#include "engine/head_table.h"
#include "engine/model/dataset.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hsa {

// What a fit of splats to a head reached.
struct HeadFit {
    Form form = Form::shared;
    std::size_t splats = 0;
    std::size_t pairs = 0;  // exact ones a row, on average
    double row_kl = 0.0;    // on rows that the fit never saw, unless `on_drawn`
    double output_error = 0.0;
    bool on_drawn = false;
    std::string error;  // why there is none
};

// A head seen from afar.
struct HeadThumbnail {
    HeadIndex at;
    HeadNumbers numbers;
    Matrix<float> cells;  // [pixels, pixels] mean exact attention of a block of rows and columns
    std::optional<HeadFit> fit;
};

struct HeadGridRequest {
    std::shared_ptr<const Dataset> dataset;
    HeadReading reading;
    std::size_t pixels = 64;
    bool fits = false;  // fit splats, a few heads at a time
    Request request;    // the settings that fits are made with
};

// All heads of the data, layer by layer; immutable.
struct HeadGrid {
    std::size_t layers = 0;
    std::size_t heads = 0;  // of a layer
    std::size_t tokens = 0;
    std::size_t rows_a_pixel = 0;  // of exact attention that a pixel is the mean of ...
    bool all_rows = true;          // ... which are all that it stands for
    std::vector<HeadThumbnail> thumbnails;
    std::size_t fitted = 0;
    HeadGridRequest of;  // what it answers
};

// Thumbnails and numbers at once, unless `previous` (null: none) is of the same heads; then what it
// has and, where they are asked for, the fits of the next heads, one for every thread. O(n^2 d) a
// head up to 2,048 tokens, beyond from at most 4 sampled rows a pixel. Throws Error where there are
// no heads.
[[nodiscard]] std::shared_ptr<const HeadGrid> head_grid(Backend& backend,
                                                        const HeadGridRequest& request,
                                                        const HeadGrid* previous, const Work& work);

}  // namespace hsa
