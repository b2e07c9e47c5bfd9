// SPDX-License-Identifier: Apache-2.0
// WFDB (PhysioNet): a header of text and its signal files. Sources: the manual pages header(5) and
// signal(5) of the WFDB Applications Guide.
//
// A record is several files. As one file it is a POSIX ustar archive of them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "formats/bytes.h"
#include "formats/recording.h"
#include "formats/result.h"
#include "formats/tar.h"

namespace telavis {

bool looks_like_wfdb_header(ByteView file);

/// The files that belong to a header, once each, in its order: signal files, or of a record of
/// several segments the segments' headers. Errors: malformed_file, also for a name that is no plain
/// file name (a separator, "..", a control character).
Result<std::vector<std::string>> wfdb_signal_files(ByteView header);

/// The archive of a record, deterministic.
Bytes pack_wfdb(std::span<const NamedFile> files);

/// True of an archive (tar) that holds a WFDB header.
bool looks_like_wfdb_archive(ByteView file);

/// Signals in volts become leads, except those that say they are something else (finding
/// `signals_left_out`); formats 8, 16, 24, 32, 61, 80, 160, 212, 310 and 311; several frequencies;
/// skew; segments of a fixed layout whose signals agree. A gain of 0 stands for 200 a millivolt
/// (finding `gain_missing`), a false checksum is told (`crc_mismatch`). Comments are not read,
/// except the sex. Errors: malformed_file, truncated_file (also a header without its files),
/// limit_exceeded, unsupported_encoding (FLAC), unsupported_format (no ECG, variable layout).
Result<EcgRecording> decode_wfdb(ByteView archive_or_lone_header);

}  // namespace telavis
