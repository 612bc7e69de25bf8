#include "engine/compute/opengl/egl_context.h"

#include "engine/core/error.h"

#include <vector>

namespace hsa {
namespace {

EGLDisplay open_display() {
    // libepoxy ends the program where the library is missing.
    if (!epoxy_has_egl()) fail("there is no libEGL; install libegl1");
    if (epoxy_has_egl_extension(EGL_NO_DISPLAY, "EGL_EXT_platform_base") &&
        epoxy_has_egl_extension(EGL_NO_DISPLAY, "EGL_MESA_platform_surfaceless")) {
        EGLDisplay display =
            eglGetPlatformDisplayEXT(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, nullptr);
        if (display != EGL_NO_DISPLAY && eglInitialize(display, nullptr, nullptr) == EGL_TRUE)
            return display;
    }
    EGLDisplay display = eglGetDisplay(EGL_DEFAULT_DISPLAY);
    if (display != EGL_NO_DISPLAY && eglInitialize(display, nullptr, nullptr) == EGL_TRUE)
        return display;
    fail("there is no EGL display; install a driver with EGL, or libegl-mesa0 and libgl1-mesa-dri");
}

EGLContext create(EGLDisplay display, int major, int minor, bool told_of_loss) {
    const std::vector<EGLint> any = {EGL_SURFACE_TYPE, 0, EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT,
                                     EGL_NONE};
    EGLConfig config = nullptr;
    EGLint count = 0;
    if (eglChooseConfig(display, any.data(), &config, 1, &count) != EGL_TRUE || count == 0)
        config = nullptr;
    std::vector<EGLint> wanted = {
        EGL_CONTEXT_MAJOR_VERSION,       major,
        EGL_CONTEXT_MINOR_VERSION,       minor,
        EGL_CONTEXT_OPENGL_PROFILE_MASK, EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT};
    if (told_of_loss)
        wanted.insert(wanted.end(),
                      {EGL_CONTEXT_OPENGL_RESET_NOTIFICATION_STRATEGY, EGL_LOSE_CONTEXT_ON_RESET});
    wanted.push_back(EGL_NONE);
    return eglCreateContext(display, config, EGL_NO_CONTEXT, wanted.data());
}

}  // namespace

EglContext::EglContext(int major, int minor) : display_(open_display()) {
    if (eglBindAPI(EGL_OPENGL_API) != EGL_TRUE) fail("EGL has no desktop OpenGL");
    context_ = create(display_, major, minor, true);
    if (context_ == EGL_NO_CONTEXT) context_ = create(display_, major, minor, false);
    if (context_ == EGL_NO_CONTEXT) fail("the driver has no OpenGL {}.{}", major, minor);
    if (make_current()) return;
    eglDestroyContext(display_, context_);
    fail("OpenGL {}.{} does not run without a surface", major, minor);
}

EglContext::~EglContext() {
    eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
    eglDestroyContext(display_, context_);
}

bool EglContext::make_current() const {
    return eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, context_) == EGL_TRUE;
}

}  // namespace hsa
