// SPDX-License-Identifier: MIT
// Clips made at test time by the ffmpeg program from its own test pictures, and what that program
// says of them. Owned by a test, one thread.
#pragma once

#include <QByteArray>
#include <QByteArrayList>
#include <QFile>
#include <QProcess>
#include <QString>
#include <QStringList>
#include <QTemporaryDir>
#include <string>
#include <vector>

namespace depthscope::test {

/// What a program printed; nothing where it failed.
[[nodiscard]] inline QByteArray outputOf(const QString& program, const QStringList& words) {
    QProcess process;
    process.start(program, words);
    constexpr int kWait = 60'000;
    const bool ended = process.waitForFinished(kWait) && process.exitCode() == 0;
    return ended ? process.readAllStandardOutput() : QByteArray();
}

[[nodiscard]] inline bool hasEncoder(const QString& name) {
    static const QByteArray all = outputOf("ffmpeg", {"-v", "quiet", "-encoders"});
    return all.contains(' ' + name.toUtf8() + ' ');
}

/// The words of a command; quotes are not needed in any of ours.
[[nodiscard]] inline QStringList wordsOf(const QString& text) {
    return text.split(' ', Qt::SkipEmptyParts);
}

class Clips {
public:
    [[nodiscard]] QString path(const QString& name) const { return m_folder.filePath(name); }

    [[nodiscard]] std::string file(const QString& name) const { return path(name).toStdString(); }

    /// `words` between input and output. False where ffmpeg failed.
    [[nodiscard]] bool make(const QString& name, const QString& words) const {
        return outputOf("ffmpeg", QStringList{"-v", "quiet", "-y", "-f", "lavfi", "-i",
                                              "testsrc2=s=96x64:r=25:d=2.4"} +
                                      wordsOf(words) + QStringList{path(name)})
                   .isEmpty() &&
               QFile::exists(path(name));
    }

    /// From another clip of ours; `before` stands before the input.
    [[nodiscard]] bool
    remake(const QString& name, const QString& before, const QString& from, const QString& words) {
        [[maybe_unused]] const QByteArray nothing = outputOf(
            "ffmpeg", QStringList{"-v", "quiet", "-y"} + wordsOf(before) +
                          QStringList{"-i", path(from)} + wordsOf(words) + QStringList{path(name)});
        return QFile::exists(path(name));
    }

    [[nodiscard]] QByteArray bytes(const QString& name) const {
        QFile file(path(name));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    void write(const QString& name, const QByteArray& bytes) const {
        QFile file(path(name));
        if (file.open(QIODevice::WriteOnly)) {
            file.write(bytes);
        }
    }

    /// The oracle: MD5 of every frame as the ffmpeg program decodes it, with `filter` where given.
    [[nodiscard]] std::vector<std::string> frameMd5(const QString& name,
                                                    const QString& filter = {}) const {
        return frameMd5Of(path(name), filter);
    }

    [[nodiscard]] static std::vector<std::string> frameMd5Of(const QString& file,
                                                             const QString& filter = {}) {
        QStringList words{"-v", "quiet", "-threads", "1", "-noautorotate", "-flags", "bitexact"};
        words << "-i" << file << "-map"
              << "0:v:0"
              << "-vsync"
              << "passthrough";
        if (!filter.isEmpty()) {
            words << "-vf" << filter;
        }
        words << "-f"
              << "framemd5"
              << "-";
        std::vector<std::string> sums;
        for (const QByteArray& line : outputOf("ffmpeg", words).split('\n')) {
            if (!line.isEmpty() && !line.startsWith('#')) {
                sums.push_back(line.mid(line.lastIndexOf(',') + 1).trimmed().toStdString());
            }
        }
        return sums;
    }

private:
    QTemporaryDir m_folder;
};

} // namespace depthscope::test
