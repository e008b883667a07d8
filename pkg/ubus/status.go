package ubus

import (
	"context"
	"errors"
	"strconv"
)

// Status is how a call ended (enum ubus_msg_status).
type Status uint32

// The statuses. The ubus command exits with 256 minus the status.
const (
	OK               Status = 0
	InvalidCommand   Status = 1
	InvalidArgument  Status = 2
	MethodNotFound   Status = 3
	NotFound         Status = 4
	NoData           Status = 5
	PermissionDenied Status = 6
	TimedOut         Status = 7
	NotSupported     Status = 8
	UnknownError     Status = 9
	ConnectionFailed Status = 10
	NoMemory         Status = 11
	ParseError       Status = 12
	SystemError      Status = 13
)

var statusNames = [...]string{
	"OK", "INVALID_COMMAND", "INVALID_ARGUMENT", "METHOD_NOT_FOUND", "NOT_FOUND", "NO_DATA", "PERMISSION_DENIED",
	"TIMEOUT", "NOT_SUPPORTED", "UNKNOWN_ERROR", "CONNECTION_FAILED", "NO_MEMORY", "PARSE_ERROR", "SYSTEM_ERROR",
}

// String is the name in ubus's spelling: "UBUS_STATUS_PERMISSION_DENIED".
func (s Status) String() string {
	if int64(s) < int64(len(statusNames)) {
		return "UBUS_STATUS_" + statusNames[s]
	}
	return "UBUS_STATUS_" + strconv.FormatUint(uint64(s), 10)
}

// A StatusError is a status other than OK: what the bus or the object answered. The handler of
// a method returns one to answer with its Code.
type StatusError struct {
	Code Status
	Op   string // what was asked: "call network.interface dump"

	// Hidden, with NotFound: the object is there, but this user may call none of its methods
	// (or it has none). The bus's access control (/usr/share/acl.d) says so.
	Hidden bool
}

func (e *StatusError) Error() string {
	text := e.Code.String()
	if e.Hidden {
		text += " (there, but hidden from this user)"
	}
	if e.Op == "" {
		return text
	}
	return e.Op + ": " + text
}

// Is makes errors.Is(err, &StatusError{Code: PermissionDenied}) compare codes.
func (e *StatusError) Is(target error) bool {
	t, ok := target.(*StatusError)
	return ok && t.Code == e.Code
}

// StatusOf is the status that an error stands for: OK for nil, the Code of a StatusError,
// TimedOut for a deadline, ConnectionFailed for ErrNotConnected, UnknownError for every other.
func StatusOf(err error) Status {
	if err == nil {
		return OK
	}
	var s *StatusError
	switch {
	case errors.As(err, &s):
		return s.Code
	case errors.Is(err, context.DeadlineExceeded):
		return TimedOut
	case errors.Is(err, ErrNotConnected):
		return ConnectionFailed
	}
	return UnknownError
}

// ErrNotConnected is the error of a call while there is no connection to ubusd, or when the
// connection ended before the answer came. Whether the call was carried out is then unknown.
var ErrNotConnected = errors.New("not connected to ubusd")
