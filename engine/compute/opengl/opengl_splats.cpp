#include "engine/compute/opengl/opengl_splats.h"

#include "engine/model/whitening.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>

namespace hsa {
namespace {

Matrix<float> copied(MatrixView<const float> from) {
    Matrix<float> made(from.rows, from.cols);
    for (std::size_t r = 0; r < from.rows; ++r)
        std::copy_n(from.row(r).begin(), from.cols, made.row(r).begin());
    return made;
}

// Writes a splat's form behind what is there; where it begins and what it is.
std::array<std::uint32_t, 4> append_form(const Whitening& whitening, std::vector<double>& forms) {
    const auto begin = static_cast<std::uint32_t>(forms.size());
    if (whitening.kind() == CovarianceKind::full) {
        const Matrix<double>& root = whitening.root();
        forms.insert(forms.end(), root.data(), root.data() + root.size());
        return {begin, 1, 0, 0};
    }
    forms.insert(forms.end(), whitening.rate().begin(), whitening.rate().end());
    const std::size_t axes = whitening.shrink().size();
    for (std::size_t r = 0; r < axes; ++r) {
        const double left = 1.0 - whitening.shrink()[r];
        forms.push_back(1.0 - left * left);
        const std::span<const double> axis = whitening.axes().row(r);
        forms.insert(forms.end(), axis.begin(), axis.end());
    }
    return {begin, 0, static_cast<std::uint32_t>(axes), 0};
}

}  // namespace

OpenGlSplats::OpenGlSplats(std::shared_ptr<GlThread> thread, const SplatColumns& splats)
    : thread_(std::move(thread)),
      centre_(copied(splats.centre)),
      kind_(splats.kind.begin(), splats.kind.end()),
      variance_(copied(splats.variance)),
      shape_(splats.shape.begin(), splats.shape.end()),
      beta_(splats.beta.begin(), splats.beta.end()),
      temperature_(splats.temperature),
      mixed_(std::any_of(kind_.begin(), kind_.end(), [](CovarianceKind kind) {
          return kind == CovarianceKind::lowrank || kind == CovarianceKind::full;
      })) {
    for (std::size_t s = 0; s < centre_.rows(); ++s) {
        const double half = 0.5 * static_cast<double>(beta_[s]) / temperature_;
        const Whitening whitening(CovarianceView{kind_[s], variance_.row(s), shape_[s]});
        if (mixed_) {
            places_.push_back(append_form(whitening, forms_));
            halves_.push_back(half);
            continue;
        }
        for (const double rate : whitening.rate())
            rates_.push_back(static_cast<float>(rate * std::sqrt(half)));
    }
}

OpenGlSplats::~OpenGlSplats() {
    thread_->run([this] { card_.reset(); });
}

void OpenGlSplats::send() {
    card_ = std::make_unique<OnCard>();
    card_->centres.write(std::span<const float>(centre_.data(), centre_.size()));
    if (!mixed_) {
        card_->forms.write(std::span<const float>(rates_));
        return;
    }
    card_->forms.write(std::span<const double>(forms_));
    card_->halves.write(std::span<const double>(halves_));
    card_->places.reserve(places_.size() * sizeof(places_[0]));
    card_->places.write(places_.data(), places_.size() * sizeof(places_[0]));
}

void OpenGlSplats::bind_buffers() const {
    card_->centres.bind(1);
    card_->forms.bind(2);
    if (!mixed_) return;
    card_->places.bind(5);
    card_->halves.bind(6);
}

const BoundSplats& OpenGlSplats::on(Backend& other) const {
    if (!elsewhere_) {
        SplatColumns columns;
        columns.centre = centre_.view();
        columns.kind = kind_;
        columns.variance = variance_.view();
        columns.shape = shape_;
        columns.beta = beta_;
        columns.temperature = temperature_;
        elsewhere_ = other.bind(columns);
    }
    return *elsewhere_;
}

}  // namespace hsa
