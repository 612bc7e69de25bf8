#pragma once

#include <epoxy/egl.h>

namespace hsa {

// A context of OpenGL's core profile without any surface. The display stays open: it belongs to
// the process, and others may draw on it.
class EglContext {
  public:
    // On Mesa's display without any surface where there is one, else on the default one of the
    // machine. A context that is lost says so where the driver can (GL_CONTEXT_LOST). Throws Error
    // with what is missing, no full stop behind it.
    EglContext(int major, int minor);
    ~EglContext();
    EglContext(const EglContext&) = delete;
    EglContext& operator=(const EglContext&) = delete;

    [[nodiscard]] bool make_current() const;

  private:
    EGLDisplay display_;
    EGLContext context_ = EGL_NO_CONTEXT;
};

}  // namespace hsa
