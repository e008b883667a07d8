package provider

// Secret is a token or password. It prints as *** wherever it is printed by mistake;
// Reveal is the one way to the text.
type Secret struct{ text string }

// NewSecret makes a Secret of text.
func NewSecret(text string) Secret { return Secret{text} }

// Reveal returns the text, for the request that needs it.
func (s Secret) Reveal() string { return s.text }

// String is "***", or "" for an empty secret.
func (s Secret) String() string {
	if s.text == "" {
		return ""
	}
	return "***"
}

// GoString keeps %#v from printing the text.
func (s Secret) GoString() string { return s.String() }

// MarshalJSON is the JSON string "***".
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + s.String() + `"`), nil }
