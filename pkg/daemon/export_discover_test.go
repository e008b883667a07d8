package daemon

// Questions are what is asked outside.
var Questions = questions
