// SPDX-License-Identifier: MIT
#include "widgets/host/instrument_host.h"

#include "engine/base/text.h"
#include "widgets/host/gl_canvas.h"
#include "widgets/host/imgui_surface.h"
#include "widgets/host/input_map.h"
#include "widgets/host/instrument_accessible.h"
#include "widgets/paint/qt/scene_painter.h"

#include <QAccessible>
#include <QContextMenuEvent>
#include <QCursor>
#include <QElapsedTimer>
#include <QKeyEvent>
#include <QLoggingCategory>
#include <QPainter>
#include <QToolTip>
#include <exception>
#include <string>

namespace depthscope::host {

namespace {

Q_LOGGING_CATEGORY(lcHost, "depthscope.host")

constexpr float kFocusWidth = 2;

// Token text is hostile: a tooltip that looks like HTML would be shown as such.
QString plainTip(const std::string& tip) {
    const QString text = QString::fromStdString(tip).toHtmlEscaped();
    return QStringLiteral("<p style='white-space:pre'>%1</p>").arg(text);
}

} // namespace

struct InstrumentHost::Private {
    Private(const instruments::Instrument& theInstrument,
            const trace::TraceStore& theStore,
            const scene::TextService& theText)
        : instrument(theInstrument)
        , store(theStore)
        , text(theText) {}

    const instruments::Instrument& instrument;
    const trace::TraceStore& store;
    const scene::TextService& text;

    scene::Theme theme = scene::lightTheme();
    instruments::Cursor cursor;
    instruments::ViewState state;
    scene::Scene scene;
    bool dirty = true;
    bool asleep = false;
    std::string lastError; ///< logged once, not at every frame

    std::optional<scene::Point> pointer;
    GlCanvas* canvas = nullptr; ///< null: Qt paints
    std::uint64_t frames = 0;
    double buildMilliseconds = 0;

    [[nodiscard]] instruments::Viewport viewport(QSize size) const {
        return {{0, 0, static_cast<float>(size.width()), static_cast<float>(size.height())},
                &theme,
                &text};
    }

    // An instrument that fails must not take the window with it.
    void rebuild(QSize size) {
        const instruments::Viewport port = viewport(size);
        try {
            scene = instrument.draw(store.view(), state, cursor, port);
        } catch (const std::exception& error) {
            scene::Builder builder(port.bounds);
            const std::string message = fmt::format(
                "{} {}",
                text.translate(QT_TRANSLATE_NOOP("instruments", "This panel cannot be drawn:")),
                error.what());
            const scene::TextStyle style{scene::FontFamily::Ui, theme.smallSize,
                                         scene::FontWeight::Regular};
            builder.text(port.bounds, text.elide(message, style, port.bounds.width), style,
                         theme.muted, scene::Align::Center);
            builder.summary(message);
            scene = builder.take();
            logError(error.what());
        }
        dirty = false;
    }

    void logError(const char* what) {
        if (lastError != what) {
            qCWarning(lcHost, "%s: %s", instrument.id(), what);
            lastError = what;
        }
    }

    [[nodiscard]] scene::Scene focusRing() const {
        scene::Builder builder(scene.bounds);
        builder.stroke(scene.bounds, theme.accent, kFocusWidth);
        return builder.take();
    }
};

InstrumentHost::InstrumentHost(const instruments::Instrument& instrument,
                               const trace::TraceStore& store,
                               const scene::TextService& text,
                               QWidget* parent)
    : QWidget(parent)
    , m(std::make_unique<Private>(instrument, store, text)) {
    setObjectName(QString::fromUtf8(instrument.id()));
    setAccessibleName(QString::fromStdString(text.translate(instrument.title())));
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    installInstrumentAccessible();
    makeCanvas();
}

InstrumentHost::~InstrumentHost() = default;

void InstrumentHost::makeCanvas() {
    if (!GlCanvas::isUsable()) {
        return;
    }
    m->canvas = new GlCanvas([this](ImguiSurface& surface) { paint(surface); }, this);
    connect(m->canvas, &GlCanvas::failed, this, &InstrumentHost::dropCanvas, Qt::QueuedConnection);
}

void InstrumentHost::dropCanvas() {
    m->logError("OpenGL is not available; Qt paints this panel");
    m->canvas->deleteLater();
    m->canvas = nullptr;
    update();
}

void InstrumentHost::repaintCanvas() {
    if (m->canvas != nullptr) {
        m->canvas->update();
    } else {
        update();
    }
}

void InstrumentHost::setAsleep(bool asleep) {
    if (asleep != m->asleep) {
        m->asleep = asleep;
        refresh();
    }
}

void InstrumentHost::refresh() {
    m->dirty = true;
    repaintCanvas();
}

void InstrumentHost::setTheme(const scene::Theme& theme) {
    if (!(theme == m->theme)) {
        m->theme = theme;
        refresh();
    }
}

void InstrumentHost::setCursor(const instruments::Cursor& cursor) {
    instruments::Cursor followed = cursor;
    if (!m->instrument.traits().followsFrames) {
        followed.frame.reset(); // while a clip plays, the others have nothing new
    }
    if (!(followed == m->cursor)) {
        m->cursor = followed;
        refresh();
        if (QAccessible::isActive()) {
            QAccessibleValueChangeEvent changed(this, QString::fromStdString(valueAtCursor()));
            QAccessible::updateAccessibility(&changed);
        }
    }
}

void InstrumentHost::setViewState(const instruments::ViewState& state) {
    if (!(state == m->state)) {
        m->state = state;
        refresh();
    }
}

const instruments::Instrument& InstrumentHost::instrument() const {
    return m->instrument;
}

const instruments::ViewState& InstrumentHost::viewState() const {
    return m->state;
}

instruments::Viewport InstrumentHost::viewport() const {
    return m->viewport(size());
}

const scene::Scene& InstrumentHost::scene() {
    const instruments::Viewport port = m->viewport(size());
    if (m->dirty || !(m->scene.bounds == port.bounds)) {
        m->rebuild(size());
        const QString summary = QString::fromStdString(m->scene.summary);
        if (summary != accessibleDescription()) {
            setAccessibleDescription(summary);
        }
    }
    return m->scene;
}

std::optional<scene::Point> InstrumentHost::pointer() const {
    return m->pointer;
}

std::string InstrumentHost::tipAt(scene::Point at) {
    try {
        return m->instrument
            .respond({m->store.view(), m->state, m->cursor, scene(), m->viewport(size())},
                     instruments::PointerMove{at})
            .tip;
    } catch (const std::exception& error) {
        m->logError(error.what());
        return {};
    }
}

std::string InstrumentHost::valueAtCursor() const {
    const auto place = m->cursor.place();
    if (!place) {
        return {};
    }
    scene::Hit hit;
    hit.kind = scene::HitKind::Cell;
    hit.column = *place;
    hit.row = m->cursor.recursion().value_or(0);
    try {
        return m->instrument.tip(m->store.view(), hit, m->text);
    } catch (const std::exception& error) {
        m->logError(error.what());
        return {};
    }
}

std::uint64_t InstrumentHost::paintedFrames() const {
    return m->frames;
}

bool InstrumentHost::usesOpenGl() const {
    return m->canvas != nullptr;
}

double InstrumentHost::lastBuildMilliseconds() const {
    return m->buildMilliseconds;
}

void InstrumentHost::paint(ImguiSurface& surface) {
    if (m->asleep) {
        surface.clear(m->theme.surface);
        return;
    }
    QElapsedTimer timer;
    timer.start();
    const scene::Scene& picture = scene();
    const scene::Scene ring = hasFocus() ? m->focusRing() : scene::Scene{};
    const scene::Scene* const layers[] = {&picture, &ring};
    surface.build(layers, static_cast<float>(devicePixelRatioF()));
    m->buildMilliseconds = static_cast<double>(timer.nsecsElapsed()) / 1e6;
    surface.render(m->theme.surface);
    ++m->frames;
    Q_EMIT framePainted();
}

void InstrumentHost::paintWithQt() {
    QElapsedTimer timer;
    timer.start();
    const scene::Scene& picture = scene();
    m->buildMilliseconds = static_cast<double>(timer.nsecsElapsed()) / 1e6;
    QPainter painter(this);
    painter.drawImage(rect(), paint::qt::toImage(picture, m->theme.surface, devicePixelRatioF()));
    if (hasFocus()) {
        paint::qt::paintScene(painter, m->focusRing());
    }
    ++m->frames;
    Q_EMIT framePainted();
}

bool InstrumentHost::apply(const instruments::Input& input, QPoint globalPosition) {
    instruments::InputResponse response;
    try {
        response = m->instrument.respond(
            {m->store.view(), m->state, m->cursor, scene(), m->viewport(size())}, input);
    } catch (const std::exception& error) {
        m->logError(error.what());
        return false;
    }
    const bool changed = !(response.state == m->state);
    if (changed) {
        setViewState(response.state);
        Q_EMIT viewStateChanged(m->state);
    }
    for (const instruments::Intent& intent : response.intents) {
        std::visit([this](const auto& value) { announce(value); }, intent);
    }
    if (response.tip.empty()) {
        QToolTip::hideText();
    } else {
        QToolTip::showText(globalPosition, plainTip(response.tip), this);
    }
    return changed || !response.intents.empty();
}

void InstrumentHost::announce(const instruments::HoverIntent& intent) {
    Q_EMIT hovered(intent);
}

void InstrumentHost::announce(const instruments::PinIntent& intent) {
    Q_EMIT pinned(intent);
}

void InstrumentHost::announce(const instruments::FrameIntent& intent) {
    Q_EMIT frameRequested(intent.frame);
}

void InstrumentHost::announce(const instruments::StepIntent& intent) {
    Q_EMIT stepRequested(intent.step);
}

void InstrumentHost::announce(const instruments::ActionIntent& intent) {
    Q_EMIT actionTriggered(QString::fromStdString(intent.action));
}

bool InstrumentHost::event(QEvent* event) {
    switch (event->type()) {
    case QEvent::ContextMenu:
        Q_EMIT contextMenuRequested(static_cast<QContextMenuEvent*>(event)->globalPos());
        event->accept();
        return true;
    case QEvent::ShortcutOverride:
        // The panel with the focus goes before single-key shortcuts of the window, but for Escape,
        // which stops a run wherever the focus is.
        if (const auto key = keyPressOf(*static_cast<QKeyEvent*>(event));
            key && key->key != instruments::Key::Escape) {
            event->accept();
            return true;
        }
        break;
    case QEvent::Resize:
        if (m->canvas != nullptr) {
            m->canvas->setGeometry(rect());
        }
        Q_EMIT resized();
        break;
    case QEvent::Paint:
        if (m->canvas == nullptr) {
            paintWithQt();
            return true;
        }
        break;
    case QEvent::FocusIn:
    case QEvent::FocusOut:
        repaintCanvas(); // the ring
        break;
    case QEvent::LanguageChange:
        setAccessibleName(QString::fromStdString(m->text.translate(m->instrument.title())));
        refresh();
        break;
    default:
        break;
    }
    const std::optional<instruments::Input> input = inputOf(*event);
    if (!input) {
        return QWidget::event(event);
    }
    if (const auto* move = std::get_if<instruments::PointerMove>(&*input)) {
        m->pointer = move->at;
    } else if (std::holds_alternative<instruments::PointerLeave>(*input)) {
        m->pointer.reset();
    }
    const bool used = apply(*input, QCursor::pos());
    // Keys and wheels that do nothing here are for those around.
    const bool passOn = event->type() == QEvent::KeyPress || event->type() == QEvent::Wheel;
    event->setAccepted(used || !passOn);
    return event->isAccepted();
}

} // namespace depthscope::host
