#pragma once

#include "engine/core/matrix.h"

#include <array>
#include <cstddef>

namespace hsa {

// Results on their way to the host while kernels go on: on a stream of their own, through two
// buffers that the card writes directly, one of which travels while the other is taken out.
class DownloadBuffers {
  public:
    DownloadBuffers() = default;
    ~DownloadBuffers();
    DownloadBuffers(const DownloadBuffers&) = delete;
    DownloadBuffers& operator=(const DownloadBuffers&) = delete;

    // What is read next is there when the kernels that were begun before this have ended.
    void mark();
    // Rows [to.rows, to.cols) one after the other on the card, as they were when they were marked:
    // nothing that was begun since may write to them. They are there when it returns. Throws Error
    // with what CUDA said.
    void read(const float* from, MatrixView<float> to, void* stream);

  private:
    void open();

    void* marked_ = nullptr;  // events
    std::array<void*, 2> arrived_ = {};
    std::array<float*, 2> buffer_ = {};  // memory of the host that the card may write
};

}  // namespace hsa
