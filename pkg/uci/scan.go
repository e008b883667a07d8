package uci

import "bytes"

// scanner reads the words of one command line after another. A line usually ends with its
// newline; an open quote or a backslash before the newline joins the next one to it.
type scanner struct {
	file string
	text []byte
	pos  int // next byte to read
	end  int // end of what is read of this line: a comment or a closing ; cuts it short
	next int // where the line after it begins
	word int // where the current word began, for errors
}

// The byte that stands for the end of the line. The text holds none of its own.
const eol = 0

func (s *scanner) peek() byte {
	if s.pos < s.end {
		return s.text[s.pos]
	}
	return eol
}

// nextLine moves to the following line; false at the end of the file.
func (s *scanner) nextLine() bool {
	s.pos = s.next
	s.joinLine()
	return s.pos < s.end
}

// joinLine makes the line after this one part of it.
func (s *scanner) joinLine() {
	if i := bytes.IndexByte(s.text[s.next:], '\n'); i >= 0 {
		s.next += i + 1
	} else {
		s.next = len(s.text)
	}
	s.end = s.next
}

// cut ends the line here: what follows on it is not read.
func (s *scanner) cut() { s.end = s.pos }

func (s *scanner) skipSpace() {
	for isSpace(s.peek()) {
		s.pos++
	}
}

// isSpace is isspace of C's "C" locale.
func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// command reads the word that a command begins with; "" at the end of the line or a comment.
// Only blanks and tabs end it, so that `config` alone on its line is no command.
func (s *scanner) command() string {
	for s.peek() == ' ' || s.peek() == '\t' {
		s.pos++
	}
	s.word = s.pos
	for s.pos < s.end && s.peek() != ' ' && s.peek() != '\t' {
		s.pos++
	}
	word := s.text[s.word:s.pos]
	if len(word) == 0 || word[0] == '#' {
		return ""
	}
	return string(word)
}

// argument reads one argument; "" when there is none before the end of the line, a comment
// or a ; (which it consumes), and for ” too: UCI does not tell them apart.
func (s *scanner) argument() (string, error) {
	s.skipSpace()
	s.word = s.pos
	if s.peek() == ';' {
		s.pos++
		return "", nil
	}
	var out []byte
	for {
		var err error
		switch c := s.peek(); c {
		case '\'', '"':
			out, err = s.quoted(out, c)
		case '#', eol:
			s.cut()
			return string(out), nil
		case ';':
			// libuci ends the word by a NUL at the end of its text. For a word without quotes and
			// escapes that is on top of the ;, and the rest of the line is lost with it.
			if len(out) == s.pos-s.word {
				s.cut()
			}
			return string(out), nil
		case '\\':
			if s.escape() {
				out = s.take(out)
			}
		default:
			out = s.take(out)
		}
		if err != nil {
			return "", err
		}
		if c := s.peek(); c == eol {
			return string(out), nil
		} else if isSpace(c) {
			s.pos++
			return string(out), nil
		}
	}
}

// quoted adds what stands between quotes to out. Only double quotes know the backslash.
func (s *scanner) quoted(out []byte, quote byte) ([]byte, error) {
	opened := s.pos
	s.pos++
	for {
		switch c := s.peek(); {
		case c == quote:
			s.pos++
			return out, nil
		case c == eol:
			s.joinLine()
			if s.peek() == eol {
				return nil, s.errorAt(opened, "this quote is never closed; add the closing "+string(rune(quote)))
			}
		case c == '\\' && quote == '"':
			if s.escape() {
				out = s.take(out)
			}
		default:
			out = s.take(out)
		}
	}
}

// escape passes a backslash. True: the byte after it stands for itself. False: there was a
// line break, and the line goes on with the next one.
func (s *scanner) escape() bool {
	s.pos++
	rest := s.text[s.pos:s.end]
	if len(rest) == 0 || rest[0] == '\n' || string(rest) == "\r\n" {
		s.pos = s.end
		s.joinLine()
		return false
	}
	return true
}

func (s *scanner) take(out []byte) []byte {
	out = append(out, s.text[s.pos])
	s.pos++
	return out
}

// errorHere is a SyntaxError about the word read last.
func (s *scanner) errorHere(msg string) error { return s.errorAt(s.word, msg) }

func (s *scanner) errorAt(at int, msg string) error {
	before := s.text[:at]
	return &SyntaxError{
		File: s.file, Line: s.line(at), Column: at - bytes.LastIndexByte(before, '\n'), Msg: msg,
	}
}

func (s *scanner) line(at int) int { return 1 + bytes.Count(s.text[:at], []byte{'\n'}) }
