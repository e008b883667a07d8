// A function without a body is allowed where there is a file like this.
